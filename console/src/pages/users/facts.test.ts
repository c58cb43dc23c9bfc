import { expect, test } from 'vitest'
import type { User } from '../../api/iam.gen'
import { factsOf, join } from './facts'

const entry = {
  arn: 'arn:aws:iam::111122223333:user/alice',
  user_creation_time: '2026-01-01T00:00:00+00:00',
  password_enabled: 'true',
  password_last_used: '2026-02-01T00:00:00+00:00',
  password_last_changed: '2026-01-02T00:00:00+00:00',
  mfa_active: 'false',
  access_key_1_active: 'true',
  access_key_1_last_rotated: '2026-01-03T00:00:00+00:00',
  access_key_1_last_used_date: 'N/A',
  access_key_2_active: 'false',
  access_key_2_last_rotated: '2025-01-03T00:00:00+00:00',
  access_key_2_last_used_date: '2026-03-01T00:00:00+00:00',
}
const user = (at: string): User => ({ UserName: 'alice', Arn: entry.arn, Path: '/', UserId: 'AIDAEXAMPLE', CreateDate: Date.parse(at) / 1000 })

test('a line of the report is read', () => {
  expect(factsOf(entry)).toEqual({
    password: true,
    mfa: false,
    passwordSet: Date.parse('2026-01-02'),
    key: Date.parse('2026-01-03'),
    active: Date.parse('2026-03-01'),
  })
})

test('facts are those of the user, not of an earlier one of the name', () => {
  expect(join([user('2026-01-01')], [entry])[0]?.facts?.password).toBe(true)
  expect(join([user('2026-05-01')], [entry])[0]?.facts).toBeUndefined()
  expect(join([user('2026-01-01')], undefined)[0]?.facts).toBeUndefined()
})
