import { expect, test } from 'vitest'
import { rowsOf } from '../api/credentialReport'
import { attention } from './attention'

const now = new Date('2026-06-01T00:00:00Z')
const header =
  'user,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n'

test('a sound account needs no attention', () => {
  const report = header + '<root_account>,2026-05-01T00:00:00Z,true,no_information,true,false,N/A,N/A,false,N/A,N/A\nalice,2026-05-01T00:00:00Z,true,2026-05-31T00:00:00Z,true,true,2026-05-01T00:00:00Z,2026-05-31T00:00:00Z,false,N/A,N/A\n'
  expect(attention(rowsOf(report), now)).toEqual([])
})

test('each of AWS’s warnings is found', () => {
  const report =
    header +
    '<root_account>,2026-01-01T00:00:00Z,true,no_information,false,true,2026-01-01T00:00:00Z,N/A,false,N/A,N/A\n' +
    'bob,2025-01-01T00:00:00Z,true,2025-02-01T00:00:00Z,false,true,2025-01-01T00:00:00Z,N/A,false,N/A,N/A\n'
  expect(attention(rowsOf(report), now).map(f => f.text)).toEqual([
    'The root user has no MFA device.',
    'The root user has access keys.',
    '1 user with console access and without MFA: bob.',
    '1 access key older than 90 days.',
    '1 access key never used.',
    '1 user not active for 90 days: bob.',
  ])
})

test('quoted fields are read', () => {
  expect(rowsOf('a,b\r\n"x, ""y""","1\n2"\r\n')).toEqual([{ a: 'x, "y"', b: '1\n2' }])
})
