import { expect, test } from 'vitest'
import { asked, decoded, deniedBy, remedy, statement } from './denial'

test('the sentence of a denial is taken apart', () => {
  const who = 'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: iam:GetUser'
  const about = { principal: 'arn:aws:iam::111122223333:user/alice', action: 'iam:GetUser' }
  expect(deniedBy(`${who} on resource: user bob because no identity-based policy allows the iam:GetUser action`)).toEqual({ ...about, resource: 'user bob' })
  expect(deniedBy(`${who} on resource: arn:aws:iam::111122223333:user/with/bob with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/p`)).toEqual({
    ...about,
    resource: 'arn:aws:iam::111122223333:user/with/bob',
  })
  expect(deniedBy(`${who} because no identity-based policy allows the iam:GetUser action`)).toEqual({ ...about, resource: undefined })
  expect(deniedBy('The user with name bob cannot be found.')).toBeUndefined()
})

test('a decoded authorization message is read', () => {
  expect(decoded('{"allowed":false,"context":{"principal":{"id":"AIDA","arn":"arn:aws:iam::111122223333:user/alice"},"action":"iam:ListUsers","resource":"*"}}')).toEqual({
    principal: 'arn:aws:iam::111122223333:user/alice',
    action: 'iam:ListUsers',
    resource: '*',
  })
  expect(decoded('{}')).toBeUndefined()
  expect(decoded('not JSON')).toBeUndefined()
})

test('of a session, the role is asked for', () => {
  expect(asked('arn:aws:sts::111122223333:assumed-role/Admin/alice')).toBe('arn:aws:iam::111122223333:role/Admin')
  expect(asked('arn:aws:iam::111122223333:user/alice')).toBe('arn:aws:iam::111122223333:user/alice')
})

test('what would have allowed it depends on the layer that decided', () => {
  expect(remedy({ Decision: 'implicitDeny', DecidedBy: { Layer: 'permissionsBoundary' } }, 's3:GetObject')).toContain('boundary')
  expect(remedy({ Decision: 'explicitDeny', DecidedBy: { Layer: 'identityPolicy', PolicyName: 'NoS3', StatementIndex: 1 } }, 's3:GetObject')).toContain('NoS3 would have to take statement 2')
  expect(remedy({ Decision: 'allow', DecidedBy: { Layer: 'identityPolicy' } }, 's3:GetObject')).toContain('now')
  expect(JSON.parse(statement('iam:ListUsers', undefined))).toEqual({ Effect: 'Allow', Action: 'iam:ListUsers', Resource: '*' })
})
