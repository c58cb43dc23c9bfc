import type { Entry } from '../api/credentialReport'

/** Finding is something of an account that should be mended, and where. */
export interface Finding {
  severity: 'high' | 'medium' | 'low'
  text: string
  /** to is the page of the console where it is mended. */
  to: string
}

const day = 24 * 3600 * 1000
/** old is when an access key should have been rotated, unused when a user is not needed. */
const old = 90 * day
const unused = 90 * day

const users = (n: number) => (n === 1 ? '1 user' : `${n} users`)
const keys = (n: number) => (n === 1 ? '1 access key' : `${n} access keys`)

/** attention reads from the credential report what AWS's advice would have changed. */
export function attention(entries: Entry[], now: Date): Finding[] {
  const found: Finding[] = []
  const age = (text: string | undefined) => {
    const t = Date.parse(text ?? '')
    return Number.isNaN(t) ? undefined : now.getTime() - t
  }
  const root = entries.find(e => e.user === '<root_account>')
  if (root) {
    if (root.mfa_active !== 'true') found.push({ severity: 'high', text: 'The root user has no MFA device.', to: '/settings' })
    if (root.access_key_1_active === 'true' || root.access_key_2_active === 'true')
      found.push({ severity: 'high', text: 'The root user has access keys.', to: '/settings' })
  }
  const people = entries.filter(e => e.user !== '<root_account>')
  const bare = people.filter(e => e.password_enabled === 'true' && e.mfa_active !== 'true')
  if (bare.length > 0) found.push({ severity: 'high', text: `${users(bare.length)} with console access and without MFA: ${few(bare)}.`, to: '/credential-report' })
  let aged = 0
  let idle = 0
  for (const e of people)
    for (const n of ['1', '2']) {
      if (e[`access_key_${n}_active`] !== 'true') continue
      if ((age(e[`access_key_${n}_last_rotated`]) ?? 0) > old) aged++
      if (age(e[`access_key_${n}_last_used_date`]) === undefined && (age(e[`access_key_${n}_last_rotated`]) ?? 0) > day) idle++
    }
  if (aged > 0) found.push({ severity: 'medium', text: `${keys(aged)} older than 90 days.`, to: '/credential-report' })
  if (idle > 0) found.push({ severity: 'low', text: `${keys(idle)} never used.`, to: '/credential-report' })
  const gone = people.filter(e => {
    const last = [e.password_last_used, e.access_key_1_last_used_date, e.access_key_2_last_used_date].map(age).filter(a => a !== undefined)
    return (age(e.user_creation_time) ?? 0) > unused && last.every(a => a > unused)
  })
  if (gone.length > 0) found.push({ severity: 'low', text: `${users(gone.length)} not active for 90 days: ${few(gone)}.`, to: '/users' })
  return found
}

function few(all: Entry[]): string {
  const names = all.slice(0, 3).map(e => e.user)
  return all.length > 3 ? `${names.join(', ')} and ${all.length - 3} more` : names.join(', ')
}
