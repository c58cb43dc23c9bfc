import type { Entry } from '../../api/credentialReport'
import type { User } from '../../api/iam.gen'

/** Facts are what the credential report knows of a user. Times are in milliseconds since 1970. */
export interface Facts {
  password: boolean
  mfa: boolean
  /** passwordSet is when the password was last changed. */
  passwordSet?: number
  /** key is when the older of the active access keys was made. */
  key?: number
  /** active is the last use of password or keys. */
  active?: number
}

/** Known is a user and, once it is there, what the report knows. */
export type Known = User & { facts?: Facts }

function time(text: string | undefined): number | undefined {
  const t = Date.parse(text ?? '')
  return Number.isNaN(t) ? undefined : t
}

/** factsOf reads a line of the credential report. */
export function factsOf(e: Entry): Facts {
  const times = (columns: string[]) => columns.map(c => time(e[c])).filter(t => t !== undefined)
  const keys = times(['1', '2'].filter(n => e[`access_key_${n}_active`] === 'true').map(n => `access_key_${n}_last_rotated`))
  const uses = times(['password_last_used', 'access_key_1_last_used_date', 'access_key_2_last_used_date'])
  return {
    password: e.password_enabled === 'true',
    mfa: e.mfa_active === 'true',
    passwordSet: e.password_enabled === 'true' ? time(e.password_last_changed) : undefined,
    key: keys.length > 0 ? Math.min(...keys) : undefined,
    active: uses.length > 0 ? Math.max(...uses) : undefined,
  }
}

/**
 * join gives users what the report knows of them. A user who was made after the report,
 * also under the name of one who is gone, has no facts.
 */
export function join(users: User[], entries: Entry[] | undefined): Known[] {
  if (!entries) return users
  const byARN = new Map(entries.map(e => [e.arn, e]))
  return users.map(u => {
    const e = byARN.get(u.Arn)
    if (!e || Math.abs((time(e.user_creation_time) ?? 0) - u.CreateDate * 1000) > 1000) return u
    return { ...u, facts: factsOf(e) }
  })
}
