import { expect, test } from 'vitest'
import { decoded, deniedBy } from './denial'

test('the sentence of a denial is taken apart', () => {
  const who = 'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: iam:GetUser'
  const about = { principal: 'arn:aws:iam::111122223333:user/alice', action: 'iam:GetUser', context: [] }
  expect(deniedBy(`${who} on resource: user bob because no identity-based policy allows the iam:GetUser action`)).toEqual({ ...about, resource: 'user bob' })
  expect(deniedBy(`${who} on resource: arn:aws:iam::111122223333:user/with/bob with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/p`)).toEqual({
    ...about,
    resource: 'arn:aws:iam::111122223333:user/with/bob',
  })
  expect(deniedBy(`${who} because no identity-based policy allows the iam:GetUser action`)).toEqual({ ...about, resource: undefined })
  expect(deniedBy('The user with name bob cannot be found.')).toBeUndefined()
})

test('of a decoded authorization message, the condition keys are read that do not follow from who asks and when', () => {
  const item = (key: string, ...values: string[]) => ({ key, values: { items: values.map(value => ({ value })) } })
  const conditions = { items: [item('aws:SourceIp', '192.0.2.1'), item('aws:TagKeys', 'a', 'b'), item('aws:PrincipalArn', 'arn'), item('aws:CurrentTime', 'now'), item('aws:PrincipalTag/team', 'blue')] }
  const context = { principal: { id: 'AIDA', arn: 'arn:aws:iam::111122223333:user/alice' }, action: 'iam:ListUsers', resource: '*' }
  expect(decoded(JSON.stringify({ allowed: false, context: { ...context, conditions } }))).toEqual({
    principal: 'arn:aws:iam::111122223333:user/alice',
    action: 'iam:ListUsers',
    resource: '*',
    context: [{ Key: 'aws:SourceIp', Values: ['192.0.2.1'] }, { Key: 'aws:TagKeys', Values: ['a', 'b'] }, { Key: 'aws:PrincipalTag/team', Values: ['blue'] }],
  })
  expect(decoded(JSON.stringify({ context: { ...context, conditions: { items: null } } }))?.context).toEqual([])
  expect(decoded('{}')).toBeUndefined()
  expect(decoded('not JSON')).toBeUndefined()
})
