import { createContext, useContext } from 'react'
import { call, csrf } from '../api/client'

/** Role is one that this browser switched to, as its user marked it. */
export interface Role {
  account: string
  roleName: string
  displayName?: string
  color?: string
}

/** Session is who is signed in, as the shell shows it. */
export interface Session {
  account: string
  alias?: string
  /** arn is the principal's, of the role while one is taken on. */
  arn: string
  /** signedIn is the ARN of who signed in. */
  signedIn: string
  /** role is the one taken on, until when in seconds since 1970. */
  role?: Role & { until: number }
  remembered: Role[]
}

/** Own is what the sign-in pages tell of the browser's session. */
type Own = Pick<Session, 'signedIn' | 'role' | 'remembered'>

async function own(): Promise<Own> {
  const reply = await fetch('/signin/session', { headers: csrf })
  if (!reply.ok) throw new Error(`Your session could not be read (${reply.status}).`)
  return (await reply.json()) as Own
}

/** whoami is the session of this browser. */
export async function whoami(): Promise<Session> {
  const [identity, aliases, session] = await Promise.all([
    call('sts', 'GetCallerIdentity', {}),
    // Whoever may not read the alias sees the account's number.
    call('iam', 'ListAccountAliases', {}).catch(() => undefined),
    own(),
  ])
  return { account: identity.Account ?? '', arn: identity.Arn ?? '', alias: aliases?.AccountAliases?.[0], ...session }
}

/**
 * post does what a form of the sign-in pages does, and goes on to a page. What was
 * refused is told where it can be done by hand.
 */
export async function post(path: string, next: string, form: Record<string, string> = {}, instead = '/signin/session') {
  const reply = await fetch(path, { method: 'POST', headers: csrf, body: new URLSearchParams(form) })
  location.assign(reply.ok ? next : instead)
}

/** switchTo takes on a role, and shows the form where that is refused. */
export function switchTo(r: Role) {
  const form = { account: r.account, roleName: r.roleName, displayName: r.displayName ?? '', color: r.color ?? '' }
  return post('/signin/switchrole', '/console/', form, '/signin/switchrole?' + new URLSearchParams(form))
}

export const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('no session')
  return session
}

/** signInURL is where the account's users sign in. */
export function signInURL(s: Pick<Session, 'account' | 'alias'>): string {
  return `${location.origin}/signin?account=${s.alias ?? s.account}`
}

/** principalName is the last part of an ARN's resource: "alice", "Admin/session". */
export function principalName(arn: string): string {
  const resource = arn.split(':').slice(5).join(':')
  if (resource === 'root') return 'root user'
  return resource.replace(/^(user|assumed-role|federated-user)\//, '')
}
