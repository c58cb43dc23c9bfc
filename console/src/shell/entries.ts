import { call, pages, size, Refusal } from '../api/client'
import { pageOf, policyPage } from '../api/iam'
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
  tell()
  if (waiting > 0 || Date.now() - asked < fresh) return
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
}

/** keyOwner is the user who has an access key, when the query is one. */
export async function keyOwner(query: string): Promise<Entry | undefined> {
  const id = query.trim()
  if (!/^AKIA[A-Z2-7]{12,}$/.test(id)) return undefined
  const found = await call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: id }).catch(() => undefined)
  if (!found?.UserName) return undefined
  return { kind: 'Access keys', name: id, detail: `Access key of ${found.UserName}`, to: `${pageOf('User', found.UserName)}?tab=credentials` }
}
