import { createContext, useContext } from 'react'

/** Session is who is signed in, as the shell shows it. */
export interface Session {
  account: string
  alias?: string
  /** arn is the principal's, of the role while one is taken on. */
  arn: string
}

export const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('no session')
  return session
}

/** principalName is the last part of an ARN's resource: "alice", "Admin/session". */
export function principalName(arn: string): string {
  const resource = arn.split(':').slice(5).join(':')
  if (resource === 'root') return 'root user'
  return resource.replace(/^(user|assumed-role|federated-user)\//, '')
}
