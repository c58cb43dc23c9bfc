import { call, document, pages } from '../api/client'
import { iam, managed, named, type Kind } from '../api/iam'
import type { AttachedPolicy } from '../api/iam.gen'

/** Granted is a policy that gives an entity permissions, and where it comes from. */
export interface Granted {
  name: string
  type: 'AWS managed' | 'Customer managed' | 'Inline'
  arn?: string
  /** group is set when the user has it as a member. */
  group?: string
}

interface Page {
  IsTruncated?: boolean
  Marker?: string
}

/** granted are the policies attached to an entity or embedded in it. */
export async function granted(kind: Kind, name: string, group?: string): Promise<Granted[]> {
  const target = named(kind, name)
  const [attached, inline] = await Promise.all([
    pages(Marker => iam<Page & { AttachedPolicies?: AttachedPolicy[] }>(`ListAttached${kind}Policies`, { ...target, Marker }), out => out.AttachedPolicies),
    pages(Marker => iam<Page & { PolicyNames?: string[] }>(`List${kind}Policies`, { ...target, Marker }), out => out.PolicyNames),
  ])
  return [
    ...attached.map(p => ({ name: p.PolicyName ?? '', arn: p.PolicyArn, type: managed(p.PolicyArn ?? '') ? ('AWS managed' as const) : ('Customer managed' as const), group })),
    ...inline.map(p => ({ name: p, type: 'Inline' as const, group })),
  ]
}

/** effective are the policies of an entity and, of a user, those of its groups. */
export async function effective(kind: Kind, name: string): Promise<Granted[]> {
  if (kind !== 'User') return granted(kind, name)
  const [own, groups] = await Promise.all([granted(kind, name), pages(Marker => call('iam', 'ListGroupsForUser', { UserName: name, Marker }), out => out.Groups)])
  const more = await Promise.all(groups.map(g => granted('Group', g.GroupName, g.GroupName)))
  return [...own, ...more.flat()]
}

/** inlineText is the document of a policy that is embedded in an entity. */
export async function inlineText(kind: Kind, name: string, PolicyName: string): Promise<string> {
  return document((await iam<{ PolicyDocument: string }>(`Get${kind}Policy`, { ...named(kind, name), PolicyName })).PolicyDocument)
}

/** managedText is the document of a managed policy's default version. */
export async function managedText(PolicyArn: string): Promise<string> {
  const policy = (await call('iam', 'GetPolicy', { PolicyArn })).Policy
  return document((await call('iam', 'GetPolicyVersion', { PolicyArn, VersionId: policy?.DefaultVersionId ?? '' })).PolicyVersion?.Document)
}

/** textOf is the document of a policy that an entity has. */
export function textOf(kind: Kind, name: string, p: Granted): Promise<string> {
  if (p.arn) return managedText(p.arn)
  return p.group ? inlineText('Group', p.group, p.name) : inlineText(kind, name, p.name)
}
