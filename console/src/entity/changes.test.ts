import { expect, test } from 'vitest'
import type { EntityEvent } from '../api/sallyport.gen'
import { across, between, briefly } from './changes'

const event = (Revision: number, ...Changes: EntityEvent['Changes']): EntityEvent => ({ EntityId: 'AROAEXAMPLE', EntityArn: 'arn', Revision, EventTime: Revision, EventName: 'PutRolePolicy', CallerArn: 'arn', Changes })

const events = [
  event(9, { Kind: 'InlinePolicy', Name: 'p', Before: '2', After: '3' }),
  event(7, { Kind: 'InlinePolicy', Name: 'q', Before: undefined, After: 'x' }),
  event(5, { Kind: 'InlinePolicy', Name: 'p', Before: '1', After: '2' }),
  event(3, { Kind: 'Role', Name: 'r', After: 'made' }),
]

test('changes are taken together from the first to the last', () => {
  expect(across(events)).toEqual([
    { Kind: 'Role', Name: 'r', After: 'made', Before: undefined },
    { Kind: 'InlinePolicy', Name: 'p', Before: '1', After: '3' },
    { Kind: 'InlinePolicy', Name: 'q', Before: undefined, After: 'x' },
  ])
})

test('what was taken back is no change', () => {
  expect(across([event(1, { Kind: 'Role', Name: 'r', Before: 'a', After: 'b' }), event(2, { Kind: 'Role', Name: 'r', Before: 'b', After: 'a' })])).toEqual([])
})

test('two of the events span those between them', () => {
  expect(between(events, [events[0]!, events[2]!]).map(e => e.Revision)).toEqual([9, 7, 5])
})

test('what was changed is called by its name', () => {
  expect(briefly({ Kind: 'GroupMembership', Name: 'arn:aws:iam::111122223333:user/staff/alice' })).toBe('Group Membership alice')
  expect(briefly({ Kind: 'Account', Name: 'arn:aws:iam::111122223333:root' })).toBe('Account root')
  expect(briefly({ Kind: 'InlinePolicy', Name: 's3-read' })).toBe('Inline Policy s3-read')
})
