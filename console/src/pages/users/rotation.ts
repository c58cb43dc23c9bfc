/** Key is an access key as its rotation sees it. Times are in seconds since 1970. */
export interface Key {
  id: string
  active: boolean
  created: number
  used?: number
}

/** Stage is how far the rotation of a key is. */
export type Stage = 'create' | 'use' | 'deactivate' | 'delete' | 'done'

/** stages are in order. */
export const stages: Stage[] = ['create', 'use', 'deactivate', 'delete', 'done']

/**
 * pair says which of a user's keys is to go and which takes its place: the older and
 * the younger. With one key, it is to go.
 */
export function pair(keys: Key[]): { old?: Key; fresh?: Key } {
  const [old, fresh] = [...keys].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
  return { old, fresh }
}

/**
 * stage reads from the keys themselves how far a rotation is, so that it can be left
 * and taken up again, here or elsewhere. old is the key that is to go; without it, it
 * is gone.
 */
export function stage(old: Key | undefined, fresh: Key | undefined): Stage {
  if (!old) return 'done'
  if (!fresh) return 'create'
  if (!old.active) return 'delete'
  return fresh.used === undefined ? 'use' : 'deactivate'
}

/** quietFor is how long a key should not have been used before it is taken away, in seconds. */
export const quietFor = 24 * 3600

/** stillUsed says that something has not changed over: the old key was used lately, or after the new one was. */
export function stillUsed(old: Key, fresh: Key | undefined, now: number): boolean {
  if (old.used === undefined) return false
  return now - old.used < quietFor || (fresh?.used !== undefined && old.used > fresh.used)
}
