import type { Entry } from '../api/credentialReport'
import type { GetAccountAuthorizationDetailsResponse, PasswordPolicy, PolicyDetail, RoleDetail } from '../api/iam.gen'

/** Place is a page of the console where something is mended. */
export interface Place {
  text: string
  to: string
}

/** Finding is something of an account that should be mended, and where. */
export interface Finding {
  severity: 'high' | 'medium' | 'low'
  text: string
  places: Place[]
}

const day = 24 * 3600 * 1000
/** old is when an access key should have been rotated, unused when an identity is not needed. */
const old = 90 * day
const unused = 90 * day

/** named is how many of several are named; the rest are counted. */
const named = 3

const count = (n: number, one: string, many = `${one}s`) => (n === 1 ? `1 ${one}` : `${n} ${many}`)

/** few names some of the places, and has a list for the rest. */
function few(all: Place[], rest: string): Place[] {
  if (all.length <= named) return all
  return [...all.slice(0, named), { text: `and ${all.length - named} more`, to: rest }]
}

const user = (e: Entry): Place => ({ text: e.user ?? '', to: `/users/${encodeURIComponent(e.user ?? '')}?tab=credentials` })

/** attention reads from the credential report what AWS's advice would have changed. */
export function attention(entries: Entry[], now: Date): Finding[] {
  const found: Finding[] = []
  const age = (text: string | undefined) => {
    const t = Date.parse(text ?? '')
    return Number.isNaN(t) ? undefined : now.getTime() - t
  }
  const find = (severity: Finding['severity'], all: Place[], text: (n: number) => string, rest = '/credential-report') => {
    if (all.length > 0) found.push({ severity, text: text(all.length), places: few(all, rest) })
  }
  const root = entries.find(e => e.user === '<root_account>')
  const self = [{ text: 'Security credentials of the root user', to: '/security-credentials?of=root' }]
  if (root && root.mfa_active !== 'true') found.push({ severity: 'high', text: 'The root user has no MFA device.', places: self })
  if (root && (root.access_key_1_active === 'true' || root.access_key_2_active === 'true')) found.push({ severity: 'high', text: 'The root user has access keys.', places: self })
  const people = entries.filter(e => e.user !== '<root_account>')
  find('high', people.filter(e => e.password_enabled === 'true' && e.mfa_active !== 'true').map(user), n => `${count(n, 'user')} with console access and without MFA.`)
  const keys = people.flatMap(e => ['1', '2'].filter(n => e[`access_key_${n}_active`] === 'true').map(n => ({ e, made: age(e[`access_key_${n}_last_rotated`]) ?? 0, used: age(e[`access_key_${n}_last_used_date`]) })))
  find('medium', keys.filter(k => k.made > old).map(k => user(k.e)), n => `${count(n, 'access key')} older than 90 days.`)
  find('low', keys.filter(k => k.used === undefined && k.made > day).map(k => user(k.e)), n => `${count(n, 'access key')} never used.`)
  const idle = people.filter(e => {
    const last = [e.password_last_used, e.access_key_1_last_used_date, e.access_key_2_last_used_date].map(age).filter(a => a !== undefined)
    return (age(e.user_creation_time) ?? 0) > unused && last.every(a => a > unused)
  })
  find('low', idle.map(user), n => `${count(n, 'user')} not active for 90 days.`, '/users')
  return found
}

/** passwords says whether the account's password policy is weak; without one, AWS's default is in force. */
export function passwords(p: PasswordPolicy | undefined): Finding[] {
  if (!p) return []
  const places = [{ text: 'Password policy', to: '/settings#passwords' }]
  const least = p.MinimumPasswordLength ?? 6
  if (least < 8) return [{ severity: 'medium', text: `The password policy takes passwords of ${least} characters.`, places }]
  const classes = [p.RequireLowercaseCharacters, p.RequireUppercaseCharacters, p.RequireNumbers, p.RequireSymbols].filter(Boolean).length
  if (least < 14 && classes < 3) return [{ severity: 'low', text: `The password policy takes passwords of ${least} characters of ${classes === 0 ? 'any one kind' : count(Math.max(classes, 1), 'kind')}.`, places }]
  return []
}

interface Statement {
  Effect?: string
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
}

/** stars says whether a policy allows everything, or all of a service, on all resources. */
export function stars(document: string): 'everything' | 'service' | undefined {
  let statements: Statement[]
  try {
    statements = [(JSON.parse(document) as { Statement?: Statement | Statement[] }).Statement ?? []].flat()
  } catch {
    return undefined
  }
  let worst: 'service' | undefined
  for (const s of statements) {
    if (s.Effect !== 'Allow' || !(s.NotResource !== undefined || [s.Resource ?? []].flat().includes('*'))) continue
    const actions = [s.Action ?? []].flat()
    if (s.NotAction !== undefined || actions.some(a => /^\*(:\*)?$/.test(a))) return 'everything'
    if (actions.some(a => /^[\w-]+:\*$/.test(a))) worst = 'service'
  }
  return worst
}

/** Details are GetAccountAuthorizationDetails's, of all of its pages, with documents decoded. */
export type Details = Pick<GetAccountAuthorizationDetailsResponse, 'UserDetailList' | 'GroupDetailList' | 'RoleDetailList' | 'Policies'>

/** own is the list of the account's own policies. */
const own = '/policies?f=' + encodeURIComponent('type|=|Customer managed')

/** authorizations finds policies that allow too much, and roles and policies that nobody needs. */
export function authorizations(d: Details, now: Date): Finding[] {
  const all: Place[] = []
  const some: Place[] = []
  const look = (text: string | undefined, place: Place) => {
    const worst = stars(text ?? '')
    if (worst) (worst === 'everything' ? all : some).push(place)
  }
  const inline = (page: string, name: string | undefined, policies: PolicyDetail[] | undefined) => {
    for (const p of policies ?? []) look(p.PolicyDocument, { text: `${p.PolicyName} of ${name}`, to: `/${page}/${encodeURIComponent(name ?? '')}?tab=permissions` })
  }
  for (const u of d.UserDetailList ?? []) inline('users', u.UserName, u.UserPolicyList)
  for (const g of d.GroupDetailList ?? []) inline('groups', g.GroupName, g.GroupPolicyList)
  for (const r of d.RoleDetailList ?? []) inline('roles', r.RoleName, r.RolePolicyList)
  const policies = d.Policies ?? []
  const policy = (p: { PolicyName?: string; Arn?: string }): Place => ({ text: p.PolicyName ?? '', to: '/policies/details?arn=' + encodeURIComponent(p.Arn ?? '') })
  for (const p of policies) look(p.PolicyVersionList?.find(v => v.IsDefaultVersion)?.Document, policy(p))
  const since = (seconds: number | undefined) => (seconds === undefined ? undefined : now.getTime() - seconds * 1000)
  const idle = (r: RoleDetail) => (since(r.CreateDate) ?? 0) > unused && (since(r.RoleLastUsed?.LastUsedDate) ?? Infinity) > unused && !r.Path?.startsWith('/aws-service-role/')
  const roles = (d.RoleDetailList ?? []).filter(idle).map(r => ({ text: r.RoleName ?? '', to: `/roles/${encodeURIComponent(r.RoleName ?? '')}` }))
  const spare = policies.filter(p => !p.AttachmentCount && !p.PermissionsBoundaryUsageCount && (since(p.CreateDate) ?? 0) > unused).map(policy)
  const found: Finding[] = []
  const find = (severity: Finding['severity'], places: Place[], text: (n: number) => string, rest: string) => {
    if (places.length > 0) found.push({ severity, text: text(places.length), places: few(places, rest) })
  }
  find('medium', all, n => `${count(n, 'policy', 'policies')} of the account ${n === 1 ? 'allows' : 'allow'} everything on all resources.`, own)
  find('low', some, n => `${count(n, 'policy', 'policies')} of the account ${n === 1 ? 'allows' : 'allow'} all actions of a service on all resources.`, own)
  find('low', roles, n => `${count(n, 'role')} not used for 90 days.`, '/roles')
  find('low', spare, n => `${count(n, 'policy', 'policies')} attached to nothing for 90 days or more.`, own)
  return found
}

/** Reached is a service that a policy reaches, and when somebody last used it by the policy. */
export interface Reached {
  ServiceName: string
  LastAuthenticated?: number
}

/** permissions finds a policy whose permissions for whole services nobody uses. */
export function permissions(policy: Place, reached: Reached[], now: Date): Finding[] {
  const idle = reached.filter(s => s.LastAuthenticated === undefined || now.getTime() - s.LastAuthenticated * 1000 > unused)
  if (idle.length === 0) return []
  const names = idle.slice(0, named).map(s => s.ServiceName)
  return [{ severity: 'low', text: `Permissions not used for 90 days: ${names.join(', ')}${idle.length > named ? ` and ${count(idle.length - named, 'more service')}` : ''}.`, places: [policy] }]
}

/** bySeverity has the worst first. */
export function bySeverity(found: Finding[]): Finding[] {
  const order = ['high', 'medium', 'low']
  return [...found].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}
