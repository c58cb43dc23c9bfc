import type { Event } from '../../api/cloudtrail.gen'
import type { ContextEntry } from '../../api/sallyport.gen'
import { pageOf } from '../../api/iam'
import { pageOfARN } from '../../entity/pageOfARN'
import { deniedBy, type Denied } from '../../decision/denial'

/** Record is what the console looks at of an audit record, in CloudTrail's format. */
export interface Record {
  errorCode?: string
  errorMessage?: string
  sourceIPAddress?: string
  userAgent?: string
  awsRegion?: string
  userIdentity?: { type?: string; invokedBy?: string; arn?: string; sessionContext?: { sessionIssuer?: { arn?: string }; attributes?: { creationDate?: string; mfaAuthenticated?: string } } }
}

/** recordOf reads the record of an event; an event that has none that can be read has no details. */
export function recordOf(e: Event): Record {
  try {
    return JSON.parse(e.CloudTrailEvent ?? '{}') as Record
  } catch {
    return {}
  }
}

/** Target is an entity that an event is about, and its page. */
export interface Target {
  name: string
  to: string
}

const kinds = { 'AWS::IAM::User': 'User', 'AWS::IAM::Group': 'Group', 'AWS::IAM::Role': 'Role' } as const

/** ids begin like this; entities are shown by their names. */
const id = /^(AIDA|AROA|AGPA|ANPA)[A-Z0-9]{12,}$/

/** targetsOf are the entities with a page of their own that an event is about, each once. */
export function targetsOf(e: Event, account: string): Target[] {
  const found = new Map<string, string>()
  for (const { ResourceType, ResourceName } of e.Resources ?? []) {
    if (!ResourceName || id.test(ResourceName)) continue
    if (ResourceName.startsWith('arn:')) {
      const owner = ResourceName.split(':')[4]
      const to = owner === account || owner === 'aws' ? pageOfARN(ResourceName) : undefined
      if (to) found.set(to, ResourceName.split('/').at(-1) ?? ResourceName)
      continue
    }
    const kind = kinds[ResourceType as keyof typeof kinds]
    if (kind) found.set(pageOf(kind, ResourceName), ResourceName)
  }
  return [...found].map(([to, name]) => ({ to, name }))
}

/** actorOf is the page of who made the call: of a role's session, the role's. */
export function actorOf(r: Record, account: string): string | undefined {
  const arn = r.userIdentity?.sessionContext?.sessionIssuer?.arn ?? r.userIdentity?.arn
  return arn && arn.split(':')[4] === account ? pageOfARN(arn) : undefined
}

/** denied reports whether the caller was not allowed to do it. */
export const denied = (r: Record) => /^AccessDenied(Exception)?$/.test(r.errorCode ?? '')

/** resourceOf is the ARN of what a denial names ("role deploy"); its path, which is not said, is taken for the root's. */
function resourceOf(named: string, account: string): string | undefined {
  if (named.startsWith('arn:') || named === '*') return named
  const parts = /^(user|role|group|policy) ([\w+=,.@-]+)$/.exec(named)
  return parts ? `arn:aws:iam::${account}:${parts[1]}/${parts[2]}` : undefined
}

/** contextOf are the condition keys that a record tells of. */
function contextOf(r: Record): ContextEntry[] {
  const session = r.userIdentity?.sessionContext?.attributes
  const told: [string, string | undefined][] = [
    ['aws:SourceIp', r.sourceIPAddress],
    ['aws:UserAgent', r.userAgent],
    ['aws:MultiFactorAuthPresent', session?.mfaAuthenticated],
    ['aws:TokenIssueTime', session?.creationDate],
  ]
  return told.flatMap(([Key, value]) => (value ? [{ Key, Values: [value] }] : []))
}

/** denialOf reads a denial. Nothing for a call that was not denied, or in other words. */
export function denialOf(r: Record): Denied | undefined {
  const found = denied(r) ? deniedBy(r.errorMessage ?? '') : undefined
  if (!found) return undefined
  const resource = found.resource && resourceOf(found.resource, found.principal.split(':')[4] ?? '')
  return { ...found, resource, context: contextOf(r) }
}
