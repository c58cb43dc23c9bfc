import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import { useState, type ReactNode } from 'react'
import { call, moment } from '../api/client'
import { useLoad } from '../api/load'
import type { ConsoleSession } from '../api/sallyport.gen'
import { Bulk } from '../shell/Confirm'
import { Panel } from '../shell/Panel'
import { useTell } from '../shell/notices'
import { post, principalName } from '../shell/session'
import { date } from '../shell/time'
import { browser } from './browser'

/** sessionsOf are the console sessions of a principal, or of who is signed in, the newest first. */
export async function sessionsOf(PrincipalArn?: string): Promise<ConsoleSession[]> {
  const all: ConsoleSession[] = []
  let NextToken: string | undefined
  do {
    const out = await call('sallyport', 'ListConsoleSessions', { PrincipalArn, NextToken })
    all.push(...out.Sessions)
    NextToken = out.NextToken
  } while (NextToken)
  return all.sort((a, b) => b.CreatedTimestamp - a.CreatedTimestamp)
}

/** Sessions are the console sessions of a principal, without one those of who is signed in. */
export function Sessions({ principal, description }: { principal?: string; description?: ReactNode }) {
  const tell = useTell()
  const [ending, setEnding] = useState<ConsoleSession[]>()
  const sessions = useLoad(() => sessionsOf(principal), [principal])
  return (
    <>
      <Panel
        title="Console sessions"
        what="console sessions"
        description={description ?? 'Where the principal is signed in to this console. Access keys and temporary credentials have none.'}
        loaded={sessions}
        id={s => s.SessionId}
        columns={[
          {
            header: 'Signed in',
            cell: s => (
              <>
                {date(moment(s.CreatedTimestamp))} {s.Current && <Badge color="blue">this session</Badge>}
              </>
            ),
            minWidth: 180,
          },
          { header: 'Ends', cell: s => date(moment(s.ExpiresTimestamp)), minWidth: 180 },
          { header: 'From', cell: s => s.SourceIpAddress, minWidth: 120 },
          { header: 'Browser', cell: s => browser(s.UserAgent), minWidth: 160 },
          { header: 'MFA', cell: s => (s.MfaAuthenticated ? 'Yes' : 'No') },
          { header: 'Role', cell: s => s.SwitchedRoleArn && principalName(s.SwitchedRoleArn) },
        ]}
        actions={selected => (
          <Button disabled={selected.length === 0} onClick={() => setEnding(selected)}>
            End
          </Button>
        )}
      />
      {ending && (
        <Bulk
          title={ending.length === 1 ? 'End this session?' : `End ${ending.length} sessions?`}
          submit="End"
          one="session"
          // One's own goes last: nothing can be ended after it.
          names={[...ending].sort((a, b) => Number(a.Current) - Number(b.Current)).map(s => s.SessionId)}
          act={async SessionId => {
            if (ending.find(s => s.SessionId === SessionId)?.Current) return post('/signin/signout', '/signin')
            await call('sallyport', 'RevokeConsoleSession', { SessionId })
          }}
          close={() => setEnding(undefined)}
          done={ended => {
            tell({ type: 'success', content: ended.length === 1 ? 'The session is ended.' : `${ended.length} sessions are ended.` })
            sessions.reload()
          }}
        >
          Whoever uses it is signed out at once{ending.some(s => s.Current) && ', and one of them is the session you are in'}.
        </Bulk>
      )}
    </>
  )
}
