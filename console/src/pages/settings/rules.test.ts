import { expect, test } from 'vitest'
import { rules, wrong } from './rules'

test('a policy is said in its rules', () => {
  expect(rules({ MinimumPasswordLength: 12, RequireSymbols: true, MaxPasswordAge: 90, HardExpiry: true, PasswordReusePrevention: 5, AllowUsersToChangePassword: true })).toEqual([
    'At least 12 characters',
    "At least one symbol (! @ # $ % ^ & * ( ) _ + - = [ ] { } | ')",
    'Passwords expire after 90 days, and then an administrator resets them',
    'Not one of the last 5 passwords',
    'Users may change their own password',
  ])
  expect(rules({})).toContain('Passwords never expire')
})

test('what AWS does not take is told', () => {
  expect(wrong({ MinimumPasswordLength: 8 })).toEqual({})
  expect(wrong({}).length).toBeDefined()
  expect(wrong({ MinimumPasswordLength: 5, MaxPasswordAge: 1096, PasswordReusePrevention: 25 })).toEqual({ length: 'It is from 6 to 128.', age: 'It is from 1 to 1095 days.', reuse: 'It is from 1 to 24.' })
  expect(wrong({ MinimumPasswordLength: 8.5 }).length).toBeDefined()
})
