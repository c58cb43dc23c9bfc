import type { Entry } from './find'

const page = (name: string, detail: string, to: string, more?: string): Entry => ({ kind: 'Pages', name, detail, more, to })

/** places are the pages of the console, by what people call them. */
export const places: Entry[] = [
  page('Dashboard', 'What needs attention', '/'),
  page('Users', 'All users', '/users'),
  page('Create user', 'Add a user', '/users/create'),
  page('User groups', 'All groups', '/groups'),
  page('Roles', 'All roles', '/roles'),
  page('Create role', 'Add a role', '/roles/create'),
  page('Policies', 'All policies', '/policies'),
  page('Create policy', 'Add a policy', '/policies/create'),
  page('Identity providers', 'SAML and OpenID Connect', '/providers'),
  page('Account settings', 'Password policy, alias, tokens', '/settings'),
  page('Password policy', 'Account settings', '/settings#passwords'),
  page('Account alias', 'Account settings', '/settings#alias'),
  page('Security Token Service', 'Account settings: version of tokens', '/settings#sts'),
  page('Outbound web identity federation', 'Account settings', '/settings#federation'),
  page('Activity', 'Who called what, and what was denied', '/activity', 'cloudtrail event history audit log'),
  page('Policy simulator', 'What a principal may do, and why', '/simulator', 'evaluate explain test'),
  page('Credential report', 'Passwords, keys and MFA of all users', '/credential-report'),
  page('History', 'Who changed what, also of what was deleted', '/history'),
  page('My security credentials', 'Password, access keys and MFA of one’s own', '/security-credentials'),
  page('Sessions', 'Where one is signed in', '/sessions'),
  page('Service reference', 'Services, their actions, resource types and condition keys', '/reference'),
]
