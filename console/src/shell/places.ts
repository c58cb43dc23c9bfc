import type { Entry } from './find'

const page = (name: string, detail: string, to: string): Entry => ({ kind: 'Pages', name, detail, to })
const service = (name: string, detail: string, more: string, to: string): Entry => ({ kind: 'Services', name, detail, more, to })

/** places are the pages and services of the console, by what people call them. */
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
  page('Activity', 'Who called what, and what was denied', '/activity'),
  page('Policy simulator', 'What a principal may do, and why', '/simulator'),
  page('Credential report', 'Passwords, keys and MFA of all users', '/credential-report'),
  page('History', 'Who changed what, also of what was deleted', '/history'),
  page('My security credentials', 'Password, access keys and MFA of one’s own', '/security-credentials'),
  page('Sessions', 'Where one is signed in', '/sessions'),
  service('IAM', 'Users, groups, roles and policies', 'identity and access management', '/'),
  service('CloudTrail', 'Event history', 'cloudtrail.amazonaws.com audit log events', '/activity'),
  service('STS', 'Temporary credentials', 'security token service sts.amazonaws.com', '/settings#sts'),
]
