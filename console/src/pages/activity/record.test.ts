import { expect, test } from 'vitest'
import { actorOf, denialOf, recordOf, targetsOf } from './record'

const account = '111122223333'

test('an event leads to the entities it is about, each once', () => {
  const targets = targetsOf(
    {
      Resources: [
        { ResourceType: 'AWS::IAM::User', ResourceName: 'alice' },
        { ResourceType: 'AWS::IAM::User', ResourceName: `arn:aws:iam::${account}:user/staff/alice` },
        { ResourceType: 'AWS::IAM::User', ResourceName: 'AIDAIOSFODNN7EXAMPLE' },
        { ResourceType: 'AWS::IAM::Policy', ResourceName: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
        { ResourceType: 'AWS::IAM::Role', ResourceName: 'arn:aws:iam::444455556666:role/guest' },
        { ResourceType: 'AWS::IAM::AccessKey', ResourceName: 'AKIAIOSFODNN7EXAMPLE' },
      ],
    },
    account,
  )
  expect(targets).toEqual([
    { name: 'alice', to: '/users/alice' },
    { name: 'ReadOnlyAccess', to: '/policies/details?arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess' },
  ])
})

test('who called is a user, or the role of a session', () => {
  expect(actorOf({ userIdentity: { arn: `arn:aws:iam::${account}:user/alice` } }, account)).toBe('/users/alice')
  const session = { arn: `arn:aws:sts::${account}:assumed-role/deploy/alice`, sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${account}:role/ci/deploy` } } }
  expect(actorOf({ userIdentity: session }, account)).toBe('/roles/deploy')
  expect(actorOf({ userIdentity: { arn: 'arn:aws:iam::444455556666:user/bob' } }, account)).toBeUndefined()
  expect(actorOf({}, account)).toBeUndefined()
})

test('a denial says what was denied to whom', () => {
  const said = (errorMessage: string) => denialOf({ errorCode: 'AccessDenied', errorMessage })
  const alice = `arn:aws:iam::${account}:user/alice`
  expect(said(`User: ${alice} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::${account}:user/bob because no identity-based policy allows the iam:CreateUser action`)).toEqual({
    principal: alice,
    action: 'iam:CreateUser',
    resource: `arn:aws:iam::${account}:user/bob`,
    context: [],
  })
  expect(said(`User: ${alice} is not authorized to perform: cloudtrail:LookupEvents with an explicit deny in an identity-based policy`)).toEqual({ principal: alice, action: 'cloudtrail:LookupEvents', resource: undefined, context: [] })
  expect(said(`User: ${alice} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${account}:role/x`)?.resource).toBe(`arn:aws:iam::${account}:role/x`)
  expect(said(`User: ${alice} is not authorized to perform: iam:DeleteRole on resource: role deploy because no identity-based policy allows the iam:DeleteRole action`)?.resource).toBe(`arn:aws:iam::${account}:role/deploy`)
  expect(said('Cannot call GetFederationToken with session credentials')).toBeUndefined()
  expect(denialOf({ errorCode: 'NoSuchEntity', errorMessage: `User: ${alice} is not authorized to perform: iam:GetUser` })).toBeUndefined()
})

test('what a record tells of the request is the context in which it is decided again', () => {
  const session = `arn:aws:sts::${account}:assumed-role/deploy/night`
  const denial = denialOf({
    errorCode: 'AccessDenied', errorMessage: `User: ${session} is not authorized to perform: iam:GetUser because no identity-based policy allows the iam:GetUser action`,
    sourceIPAddress: '192.0.2.1', userAgent: 'aws-cli/2',
    userIdentity: { sessionContext: { attributes: { mfaAuthenticated: 'false', creationDate: '2026-11-01T00:00:00Z' } } },
  })
  expect(denial?.principal).toBe(session)
  expect(denial?.context).toEqual([
    { Key: 'aws:SourceIp', Values: ['192.0.2.1'] },
    { Key: 'aws:UserAgent', Values: ['aws-cli/2'] },
    { Key: 'aws:MultiFactorAuthPresent', Values: ['false'] },
    { Key: 'aws:TokenIssueTime', Values: ['2026-11-01T00:00:00Z'] },
  ])
})

test('a record that can not be read has no details', () => {
  expect(recordOf({ CloudTrailEvent: '{' })).toEqual({})
})
