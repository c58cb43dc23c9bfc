import { call, document, pages, type Refusal } from '../api/client'
import { credentialReport } from '../api/credentialReport'
import type { PolicyDetail } from '../api/iam.gen'
import { attention, authorizations, bySeverity, passwords, permissions, type Details, type Finding } from './attention'

/** Found is what needs attention, as far as the viewer may look. */
export interface Found {
  findings: Finding[]
  /** closed are what the viewer may not look at. */
  closed: string[]
}

/** asked is how many policies are asked whether their permissions are used. */
const asked = 10
const day = 24 * 3600

async function details(): Promise<Details> {
  const d: Required<Details> = { UserDetailList: [], GroupDetailList: [], RoleDetailList: [], Policies: [] }
  await pages(
    Marker => call('iam', 'GetAccountAuthorizationDetails', { Filter: ['User', 'Group', 'Role', 'LocalManagedPolicy'], Marker, MaxItems: 1000 }),
    o => {
      d.UserDetailList.push(...(o.UserDetailList ?? []))
      d.GroupDetailList.push(...(o.GroupDetailList ?? []))
      d.RoleDetailList.push(...(o.RoleDetailList ?? []))
      d.Policies.push(...(o.Policies ?? []))
      return []
    },
  )
  const plain = (all: PolicyDetail[] | undefined) => all?.map(p => ({ ...p, PolicyDocument: document(p.PolicyDocument) }))
  return {
    UserDetailList: d.UserDetailList.map(u => ({ ...u, UserPolicyList: plain(u.UserPolicyList) })),
    GroupDetailList: d.GroupDetailList.map(g => ({ ...g, GroupPolicyList: plain(g.GroupPolicyList) })),
    RoleDetailList: d.RoleDetailList.map(r => ({ ...r, RolePolicyList: plain(r.RolePolicyList) })),
    Policies: d.Policies.map(p => ({ ...p, PolicyVersionList: p.PolicyVersionList?.map(v => ({ ...v, Document: document(v.Document) })) })),
  }
}

/** lastUse is when somebody last used each service that a policy reaches. */
async function lastUse(Arn: string) {
  const { JobId = '' } = await call('iam', 'GenerateServiceLastAccessedDetails', { Arn })
  for (;;) {
    const out = await call('iam', 'GetServiceLastAccessedDetails', { JobId })
    if (out.JobStatus === 'COMPLETED') return out.ServicesLastAccessed
    if (out.JobStatus === 'FAILED') throw new Error(out.Error?.Message ?? 'The report failed.')
    await new Promise(done => setTimeout(done, 200))
  }
}

/** idlePermissions asks of policies that are in use for long which of their services nobody uses. */
async function idlePermissions(d: Details, now: Date): Promise<Finding[]> {
  const long = (d.Policies ?? []).filter(p => p.AttachmentCount && p.UpdateDate !== undefined && now.getTime() / 1000 - p.UpdateDate > 90 * day)
  const found: Finding[] = []
  for (const p of long.slice(0, asked)) {
    const place = { text: p.PolicyName ?? '', to: '/policies/details?arn=' + encodeURIComponent(p.Arn ?? '') }
    found.push(...permissions(place, await lastUse(p.Arn ?? ''), now))
  }
  return found
}

/** findings looks at all there is, and tells of what it has so far. What is denied is left out and named. */
export async function findings(show: (f: Found) => void): Promise<Found> {
  const now = new Date()
  const sofar: Found = { findings: [], closed: [] }
  const look = async (what: string, ask: Promise<Finding[]>) => {
    try {
      const more = await ask
      sofar.findings = bySeverity([...sofar.findings, ...more])
    } catch (e) {
      if (!(e as Refusal).denied) throw e
      sofar.closed.push(what)
    }
    show({ ...sofar })
  }
  const all = details()
  await Promise.all([
    look('the credential report', credentialReport().then(r => attention(r.entries, now))),
    look(
      'the password policy',
      call('iam', 'GetAccountPasswordPolicy', {}).then(
        o => passwords(o.PasswordPolicy),
        (e: Refusal) => {
          if (!e.missing) throw e
          return passwords(undefined)
        },
      ),
    ),
    look('policies and roles', all.then(d => authorizations(d, now))),
    all.then(
      d => look('the use of permissions', idlePermissions(d, now)),
      () => undefined, // told of above
    ),
  ])
  return sofar
}
