import { expect, test } from 'vitest'
import { complete, documentOf, form, githubSubject, revocation, revokedBefore, trusted } from './trust'

const account = '111122223333'
const statement = (document: string) => (JSON.parse(document) as { Statement: Record<string, unknown>[] }).Statement[0]

test('each kind of trust has its policy', () => {
  const f = form(account)
  expect(statement(documentOf({ ...f, service: 'ec2.amazonaws.com' }))).toEqual({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' })
  expect(statement(documentOf({ ...f, kind: 'account', account: '444455556666', externalId: 'unique', mfa: true }))).toEqual({
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::444455556666:root' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'unique' }, Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  })
  const provider = { arn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`, issuer: 'token.actions.githubusercontent.com' }
  expect(statement(documentOf({ ...f, kind: 'web', provider, subject: githubSubject('example-org', '', 'main') }))).toEqual({
    Effect: 'Allow',
    Principal: { Federated: provider.arn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
      StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:example-org/*:ref:refs/heads/main' },
    },
  })
  expect(statement(documentOf({ ...f, kind: 'saml', provider: { arn: 'arn:aws:iam::111122223333:saml-provider/idp', issuer: 'idp' } }))).toMatchObject({
    Action: 'sts:AssumeRoleWithSAML',
    Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
  })
})

test('what is not complete goes no further', () => {
  const f = form(account)
  expect(complete(f)).toBe(false)
  expect(complete({ ...f, service: 'ec2.amazonaws.com' })).toBe(true)
  expect(complete({ ...f, kind: 'account' })).toBe(true)
  expect(complete({ ...f, kind: 'account', account: '1234' })).toBe(false)
  expect(complete({ ...f, kind: 'web' })).toBe(false)
})

test('whom a trust policy trusts is said in short', () => {
  expect(
    trusted(
      JSON.stringify({
        Statement: [
          { Effect: 'Allow', Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } },
          { Effect: 'Allow', Principal: { AWS: ['444455556666', 'arn:aws:iam::111122223333:user/alice', '*'] } },
          { Effect: 'Deny', Principal: '*' },
        ],
      }),
    ),
  ).toEqual(['Service: ec2', 'Service: lambda', 'Account: 444455556666', '111122223333:user/alice', 'Everyone'])
})

test('a revocation is read back', () => {
  const at = new Date('2026-06-01T12:00:00Z')
  expect(revokedBefore(revocation(at))).toEqual(at)
  expect(statement(revocation(at))).toEqual({ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-06-01T12:00:00.000Z' } } })
  expect(revokedBefore('{}')).toBeUndefined()
})
