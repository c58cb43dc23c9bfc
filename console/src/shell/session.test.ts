import { expect, test } from 'vitest'
import { principalName, principalPage } from './session'

test('principals are called by their names', () => {
  expect(principalName('arn:aws:iam::111122223333:root')).toBe('root user')
  expect(principalName('arn:aws:iam::111122223333:user/alice')).toBe('alice')
  expect(principalName('arn:aws:sts::111122223333:assumed-role/Admin/alice')).toBe('Admin/alice')
})

test('a principal of this account has a page', () => {
  expect(principalPage('arn:aws:iam::111122223333:user/a/b/alice', '111122223333')).toBe('/users/alice')
  expect(principalPage('arn:aws:sts::111122223333:assumed-role/Admin/alice', '111122223333')).toBe('/roles/Admin')
  expect(principalPage('arn:aws:iam::444455556666:user/alice', '111122223333')).toBeUndefined()
  expect(principalPage('arn:aws:iam::111122223333:root', '111122223333')).toBeUndefined()
})
