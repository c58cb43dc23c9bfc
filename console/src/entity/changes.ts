import type { EntityChange, EntityEvent } from '../api/sallyport.gen'
import { pretty } from './PolicyText'

/** nameOf is what was changed, in words: "Inline Policy s3-read". */
export const nameOf = (c: EntityChange) => `${c.Kind.replace(/([a-z])([A-Z])/g, '$1 $2')} ${c.Name}`

/** briefly is what was changed, of an entity with an ARN its name alone: "Group Membership alice". */
export const briefly = (c: EntityChange) => nameOf({ ...c, Name: c.Name.replace(/^arn:.*[/:]/, '') })

/** across is what some changes come to together: what was before the first, and after the last of each thing. */
export function across(events: EntityEvent[]): EntityChange[] {
  const all = new Map<string, EntityChange>()
  for (const e of [...events].sort((a, b) => a.Revision - b.Revision))
    for (const c of e.Changes) {
      const key = `${c.Kind} ${c.Name}`
      all.set(key, { ...c, Before: all.has(key) ? all.get(key)!.Before : c.Before })
    }
  return [...all.values()].filter(c => c.Before !== c.After)
}

/** between are the events from one of two to the other, both with them. */
export function between(events: EntityEvent[], two: EntityEvent[]): EntityEvent[] {
  const revisions = two.map(e => e.Revision)
  const from = Math.min(...revisions)
  const to = Math.max(...revisions)
  return events.filter(e => e.Revision >= from && e.Revision <= to)
}

/** readable shows a row on many lines, and policy documents in it as documents. */
export function readable(row: string | undefined): string {
  if (row === undefined) return ''
  try {
    return JSON.stringify(
      JSON.parse(row, (_, v: unknown) => (typeof v === 'string' && v.startsWith('{') ? (JSON.parse(pretty(v)) as unknown) : v)),
      null,
      2,
    )
  } catch {
    return pretty(row)
  }
}
