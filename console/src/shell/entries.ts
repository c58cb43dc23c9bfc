import { call, pages, size, Refusal } from '../api/client'
import { pageOf, policyPage } from '../api/iam'
import { pageOfARN } from '../entity/pageOfARN'
import { catalogue, levelOf } from '../policy/catalogue'
import type { Entry, Kind } from './find'

/** Source is a list that search goes through. */
interface Source {
  kind: Kind
  load: (show: (entries: Entry[]) => void) => Promise<Entry[]>
}

const sources: Source[] = [
  {
    kind: 'Users',
    load: show =>
      pages(
        Marker => call('iam', 'ListUsers', { Marker, MaxItems: size(Marker) }),
        o => o.Users.map(u => ({ kind: 'Users' as const, name: u.UserName, detail: u.Arn, more: `${u.UserId} ${u.Path}`, to: pageOf('User', u.UserName) })),
        show,
      ),
  },
  {
    kind: 'User groups',
    load: show =>
      pages(
        Marker => call('iam', 'ListGroups', { Marker, MaxItems: size(Marker) }),
        o => o.Groups.map(g => ({ kind: 'User groups' as const, name: g.GroupName, detail: g.Arn, more: `${g.GroupId} ${g.Path}`, to: pageOf('Group', g.GroupName) })),
        show,
      ),
  },
  {
    kind: 'Roles',
    load: show =>
      pages(
        Marker => call('iam', 'ListRoles', { Marker, MaxItems: size(Marker) }),
        o => o.Roles.map(r => ({ kind: 'Roles' as const, name: r.RoleName, detail: r.Arn, more: `${r.RoleId} ${r.Path}`, to: pageOf('Role', r.RoleName) })),
        show,
      ),
  },
  {
    kind: 'Policies',
    load: show =>
      pages(
        Marker => call('iam', 'ListPolicies', { Marker, MaxItems: size(Marker) }),
        o => (o.Policies ?? []).map(p => ({ kind: 'Policies' as const, name: p.PolicyName ?? '', detail: p.Arn ?? '', more: `${p.PolicyId} ${p.Path}`, to: policyPage(p.Arn ?? '') })),
        show,
      ),
  },
  {
    kind: 'Instance profiles',
    load: show =>
      pages(
        Marker => call('iam', 'ListInstanceProfiles', { Marker, MaxItems: size(Marker) }),
        // They are on the pages of their roles; one without a role is on none.
        o => o.InstanceProfiles.flatMap(p => p.Roles.map(r => ({ kind: 'Instance profiles' as const, name: p.InstanceProfileName, detail: p.Arn, more: `${p.InstanceProfileId} ${p.Path}`, to: pageOf('Role', r.RoleName) + '?tab=instances' }))),
        show,
      ),
  },
  {
    kind: 'MFA devices',
    load: show =>
      pages(
        Marker => call('iam', 'ListVirtualMFADevices', { AssignmentStatus: 'Assigned', Marker, MaxItems: size(Marker) }),
        o => o.VirtualMFADevices.map(d => ({ kind: 'MFA devices' as const, name: d.SerialNumber.replace(/^.*:mfa\//, ''), detail: d.SerialNumber, more: d.User?.UserName, to: d.User?.UserName ? `${pageOf('User', d.User.UserName)}?tab=credentials` : '/security-credentials' })),
        show,
      ),
  },
  {
    kind: 'Services',
    load: async () => (await catalogue.services()).map(s => ({ kind: 'Services' as const, name: s.title, detail: s.service, more: `${s.service}.amazonaws.com`, to: '/reference/' + s.service })),
  },
  {
    kind: 'Identity providers',
    load: async () => {
      const [web, saml] = await Promise.all([call('iam', 'ListOpenIDConnectProviders', {}), call('iam', 'ListSAMLProviders', {})])
      const arns = [...(web.OpenIDConnectProviderList ?? []), ...(saml.SAMLProviderList ?? [])].map(p => p.Arn ?? '')
      return arns.map(arn => ({ kind: 'Identity providers' as const, name: arn.replace(/^.*?provider\//, ''), detail: arn, to: '/providers/details?arn=' + encodeURIComponent(arn) }))
    },
  },
]

/** Known is what search has of the account so far. */
export interface Known {
  entries: Entry[]
  loading: boolean
  /** closed are the kinds that the viewer may not list. */
  closed: Kind[]
  /** failed are the kinds that could not be listed for another reason. */
  failed: Kind[]
}

/** fresh is how long lists are searched before they are asked for anew, in milliseconds. */
const fresh = 60_000

let asked = 0
let known = new Map<Kind, Entry[]>()
let troubles = new Map<Kind, 'closed' | 'failed'>()
let waiting = 0
let told: (k: Known) => void = () => {}

function tell() {
  const of = (t: 'closed' | 'failed') => sources.map(s => s.kind).filter(k => troubles.get(k) === t)
  told({ entries: [...known.values()].flat(), loading: waiting > 0, closed: of('closed'), failed: of('failed') })
}

/**
 * gather has the lists loaded, unless they are fresh, and tells of them as they come.
 * What the viewer may not list is left out.
 */
export function gather(show: (k: Known) => void) {
  told = show
  if (waiting > 0 || Date.now() - asked < fresh) return tell()
  asked = Date.now()
  troubles = new Map()
  for (const s of sources) {
    waiting++
    s.load(entries => {
      // A list that is loaded again stays whole until there is more of it than before.
      if (entries.length < (known.get(s.kind)?.length ?? 0)) return
      known.set(s.kind, entries)
      tell()
    })
      .then(
        entries => known.set(s.kind, entries),
        e => {
          known.delete(s.kind)
          troubles.set(s.kind, e instanceof Refusal && e.denied ? 'closed' : 'failed')
        },
      )
      .finally(() => {
        waiting--
        tell()
      })
  }
  tell()
}

/** named is what a query names by itself, whatever of the account is known: a key, an ARN, an id, actions of a service. */
export async function named(query: string, account: string): Promise<Entry[]> {
  const text = query.trim()
  if (/^A[KS]IA[A-Z0-9]{12,}$/.test(text)) return ofKey(text)
  if (/^arn:/.test(text)) return ofARN(text, account)
  if (/^(AIDA|AROA|AGPA|ANPA)[A-Z0-9]{12,}$/.test(text)) return [history(text)]
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return [{ kind: 'Records', name: text, detail: 'The event with this ID', to: '/activity?EventId=' + text }]
  return actions(text)
}

const history = (entity: string): Entry => ({ kind: 'Records', name: 'History', detail: `Who changed it, also if it was deleted`, more: entity, to: '/history?entity=' + encodeURIComponent(entity) })

/** ofKey is the user who has an access key, and what was done with it; of temporary credentials, the latter. */
async function ofKey(id: string): Promise<Entry[]> {
  const activity: Entry = { kind: 'Records', name: 'Activity', detail: 'Calls made with the access key', more: id, to: '/activity?AccessKeyId=' + id }
  if (id.startsWith('ASIA')) return [activity]
  const found = await call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: id }).catch(() => undefined)
  if (!found?.UserName) return [activity]
  return [{ kind: 'Access keys', name: id, detail: `Access key of ${found.UserName}`, to: `${pageOf('User', found.UserName)}?tab=credentials` }, activity]
}

/** ofARN is the page of what an ARN names in the account. */
function ofARN(arn: string, account: string): Entry[] {
  const [, , , , owner, ...rest] = arn.split(':')
  const to = owner === account || owner === 'aws' ? pageOfARN(arn) : undefined
  if (!to) return []
  const [kind = '', ...parts] = rest.join(':').split('/')
  const kinds: Record<string, Kind> = { user: 'Users', group: 'User groups', role: 'Roles', 'assumed-role': 'Roles', policy: 'Policies', 'saml-provider': 'Identity providers', 'oidc-provider': 'Identity providers' }
  return [{ kind: kinds[kind] ?? 'Pages', name: (kind === 'assumed-role' ? parts[0] : parts.at(-1)) ?? arn, detail: arn, to }, ...(owner === account && kind !== 'assumed-role' ? [history(arn)] : [])]
}

/** actions are those of a service whose prefix begins the query: "s3:Get", "s3 bucket". */
async function actions(text: string): Promise<Entry[]> {
  const [, prefix] = /^([a-z0-9-]+)[:\s]/i.exec(text) ?? []
  const service = prefix && (await catalogue.service(prefix).catch(() => undefined))
  if (!service) return []
  const title = service.Title ?? service.Name
  return service.Actions.map(a => ({ kind: 'Actions' as const, name: `${service.Name}:${a.Name}`, detail: `${levelOf(a)}, ${title}`, to: `/reference/${service.Name}?${new URLSearchParams({ f: `action|=|${a.Name}` })}` }))
}
