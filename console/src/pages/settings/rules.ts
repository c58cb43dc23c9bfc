import type { PasswordPolicy } from '../../api/iam.gen'

/** classes are the kinds of characters that a password policy can ask for. */
export const classes = [
  ['RequireUppercaseCharacters', 'At least one uppercase letter (A–Z)'],
  ['RequireLowercaseCharacters', 'At least one lowercase letter (a–z)'],
  ['RequireNumbers', 'At least one number'],
  ['RequireSymbols', "At least one symbol (! @ # $ % ^ & * ( ) _ + - = [ ] { } | ')"],
] as const

/**
 * standard are the rules when an account has none of its own
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html).
 */
export const standard = [
  'From 8 to 128 characters',
  'At least three of: uppercase letters, lowercase letters, numbers, symbols',
  "Not the account's name or e-mail address",
  'Passwords never expire',
]

/** rules are what a policy asks for, a line each. */
export function rules(p: PasswordPolicy): string[] {
  return [
    `At least ${p.MinimumPasswordLength ?? 6} characters`,
    ...classes.filter(([key]) => p[key]).map(([, text]) => text),
    p.MaxPasswordAge ? `Passwords expire after ${p.MaxPasswordAge} days${p.HardExpiry ? ', and then an administrator resets them' : ''}` : 'Passwords never expire',
    p.PasswordReusePrevention ? `Not one of the last ${p.PasswordReusePrevention} passwords` : 'Passwords may be used again',
    p.AllowUsersToChangePassword ? 'Users may change their own password' : 'Users may not change their own password, unless a policy of theirs allows it',
  ]
}

/** wrong says what of a policy AWS does not take, by field. */
export function wrong(p: PasswordPolicy): { length?: string; age?: string; reuse?: string } {
  const within = (n: number | undefined, from: number, to: number) => n === undefined || (Number.isInteger(n) && n >= from && n <= to)
  return {
    length: within(p.MinimumPasswordLength ?? 0, 6, 128) ? undefined : 'It is from 6 to 128.',
    age: within(p.MaxPasswordAge, 1, 1095) ? undefined : 'It is from 1 to 1095 days.',
    reuse: within(p.PasswordReusePrevention, 1, 24) ? undefined : 'It is from 1 to 24.',
  }
}
