import type { Kind } from '../api/iam'
import type { ExplainedFailure, ExplainedLayer, ExplainedPolicy, ExplainedStatement, MissingPermission, StatementReference } from '../api/sallyport.gen'
import { member, parse } from '../policy/json'

/** layerNames are the layers in words. */
export const layerNames: Record<StatementReference['Layer'], string> = {
  serviceControlPolicy: 'Service control policy',
  resourceControlPolicy: 'Resource control policy',
  resourcePolicy: 'Resource-based policy',
  accessControlList: 'Access control list',
  identityPolicy: 'Identity-based policy',
  permissionsBoundary: 'Permissions boundary',
  sessionPolicy: 'Session policy',
  rootUser: 'Root user',
  resourceType: 'Type of the resource',
}

/** layerName tells levels of an organization's policies apart. */
export function layerName(l: Pick<ExplainedLayer, 'Layer' | 'Level'>): string {
  return layerNames[l.Layer] + (l.Level === undefined ? '' : `, level ${l.Level}`)
}

/** Given are the policies that a question brings with it. */
export interface Given {
  resourcePolicy?: string
  sessionPolicy?: string
}

/** Source is where the text of a policy can be had. */
export type Source = { from: 'managed'; arn: string } | { from: 'trust'; role: string } | { from: 'inline'; kind: Kind; name: string; policy: string } | { from: 'question'; layer: keyof Given }

/** sourceOf is where a policy's text is; undefined for what no one wrote, such as the permission that the password policy gives. */
export function sourceOf(layer: ExplainedLayer['Layer'], p: Pick<ExplainedPolicy, 'PolicyArn' | 'PolicyName' | 'AttachedTo'>): Source | undefined {
  if (p.PolicyArn) return { from: 'managed', arn: p.PolicyArn }
  const owner = entityOf(p.AttachedTo ?? '')
  if (layer === 'resourcePolicy' && owner) return { from: 'trust', role: owner.name }
  if (layer === 'resourcePolicy' || layer === 'sessionPolicy') return { from: 'question', layer }
  return owner && p.PolicyName ? { from: 'inline', ...owner, policy: p.PolicyName } : undefined
}

/** entityOf is the user, group or role that an ARN names. */
export function entityOf(arn: string): { kind: Kind; name: string } | undefined {
  const found = /^arn:aws:iam::\d+:(user|group|role)\/(?:.*\/)?([^/]+)$/.exec(arn)
  const kinds: Record<string, Kind> = { user: 'User', group: 'Group', role: 'Role' }
  return found ? { kind: kinds[found[1]!]!, name: found[2]! } : undefined
}

/** policyName is what a policy is called where it is listed. */
export function policyName(layer: ExplainedLayer['Layer'], p: Pick<ExplainedPolicy, 'PolicyArn' | 'PolicyName' | 'AttachedTo'>): string {
  if (layer === 'resourcePolicy' && p.AttachedTo) return 'The trust policy'
  return p.PolicyName ?? p.PolicyArn?.replace(/^.*\//, '') ?? (layer === 'resourcePolicy' ? 'The policy of the resource' : layerNames[layer])
}

/** decider is the statement that decided: of those that a reference fits, the first, which the engine takes. */
export function decider(layers: ExplainedLayer[], by: StatementReference): ExplainedStatement | undefined {
  return layers
    .filter(l => l.Layer === by.Layer)
    .flatMap(l => l.Policies)
    .filter(p => p.PolicyArn === by.PolicyArn && p.PolicyName === by.PolicyName)
    .flatMap(p => p.Statements)
    .find(s => s.StatementIndex === by.StatementIndex && s.Matched)
}

/** outcome says how a statement fared, and why. */
export function outcome(s: ExplainedStatement): string {
  const name = s.StatementId ?? `Statement ${s.StatementIndex}`
  if (s.Matched) return `${name} ${s.Effect === 'Allow' ? 'allows' : 'denies'} it`
  return `${name} would ${s.Effect === 'Allow' ? 'allow' : 'deny'} it, but ${s.Failures.map(because).join('; ')}`
}

function because(f: ExplainedFailure): string {
  if (f.Element !== 'Condition') return `its ${f.Element} does not match`
  const condition = `${f.Operator} on ${f.Key}`
  if (f.Absent) return `${condition} does not hold: the request has no such key`
  if (f.Unresolved) return `${condition} does not hold: a variable has no value`
  return `${condition} does not hold`
}

/** change says one part of what would have the request allowed. A statement to be added is apart from the words. */
export function change(m: MissingPermission): { words: string; add?: string } {
  const named = (r: StatementReference) => {
    const statement = r.StatementId ?? `statement ${r.StatementIndex}`
    return r.PolicyName || r.PolicyArn ? `${statement} of ${policyName(r.Layer, r)}` : statement
  }
  if (m.Remove) return { words: `${layerName(m)}: take ${named(m.Remove)} away, or narrow it.` }
  const near = m.Near ? `meet the conditions of ${named(m.Near)}, or ` : ''
  const words = `${layerName(m)}: ${near}add this statement.`
  return { words, add: m.Add && JSON.stringify(JSON.parse(m.Add), null, 2) }
}

/** Marked are lines of a text, from 1: those of a statement, and those of the conditions that fail. */
export interface Marked {
  from: number
  to: number
  failed: number[]
}

/**
 * marked finds a statement, counted from 1, and its failed conditions in a policy, however
 * that is laid out. Undefined where the text does not have them, as when it was changed since.
 */
export function marked(text: string, index: number, failures: Pick<ExplainedFailure, 'Element' | 'Operator' | 'Key'>[]): Marked | undefined {
  const value = member(parse(text).root, 'Statement')
  const statement = value?.type === 'array' ? value.children?.[index - 1] : index === 1 ? value : undefined
  if (!statement) return undefined
  const line = (offset: number) => text.slice(0, offset).split('\n').length
  const failed = failures.flatMap(f => {
    if (f.Element !== 'Condition') return []
    const key = member(member(member(statement, 'Condition'), f.Operator ?? ''), f.Key ?? '')
    return key ? [line(key.offset)] : []
  })
  return { from: line(statement.offset), to: line(statement.offset + statement.length), failed }
}
