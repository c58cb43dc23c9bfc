import { expect, test } from 'vitest'
import { principalName } from './session'

test('principals are called by their names', () => {
  expect(principalName('arn:aws:iam::111122223333:root')).toBe('root user')
  expect(principalName('arn:aws:iam::111122223333:user/alice')).toBe('alice')
  expect(principalName('arn:aws:sts::111122223333:assumed-role/Admin/alice')).toBe('Admin/alice')
})
