import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call, serverTime, type Refusal } from '../../api/client'
import { useLoad } from '../../api/load'
import { inlineText } from '../../entity/granted'
import { Destroy } from '../../shell/Confirm'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { revocation, revocationName, revokedBefore } from './trust'

/** Revoke ends all sessions of a role that there are, as AWS's console does. */
export function Revoke({ name, linked }: { name: string; linked: boolean }) {
  const tell = useTell()
  const [asking, setAsking] = useState(false)
  const revoked = useLoad(
    () =>
      inlineText('Role', name, revocationName).then(revokedBefore, (e: Refusal) => {
        // Whoever may not read it may still revoke.
        if (!e.missing && !e.denied) throw e
        return undefined
      }),
    [name],
  )
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button disabled={linked} disabledReason="The policies of a service-linked role can't be changed." onClick={() => setAsking(true)}>
              Revoke active sessions
            </Button>
          }
        >
          Revoke all active sessions
        </Header>
      }
    >
      <SpaceBetween size="s">
        <Box>Every session that has begun by now is denied everything, by an inline policy named {revocationName}. Whom the role trusts can take it on anew.</Box>
        {revoked.value && <Box>Sessions from before {date(revoked.value)} are revoked.</Box>}
      </SpaceBetween>
      {asking && (
        <Destroy
          one="sessions of role"
          names={[name]}
          verb="Revoke"
          act={() =>
            call('iam', 'PutRolePolicy', {
              RoleName: name,
              PolicyName: revocationName,
              // The server's clock shows seconds: sessions of the current one are revoked too.
              PolicyDocument: revocation(new Date(serverTime().getTime() + 1000)),
            })
          }
          close={() => setAsking(false)}
          done={() => {
            tell({ type: 'success', content: 'Active sessions are revoked.' })
            revoked.reload()
          }}
        >
          <Alert type="warning">Whatever works with this role now is refused at once.</Alert>
        </Destroy>
      )}
    </Container>
  )
}
