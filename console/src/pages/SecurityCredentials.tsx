import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useSearchParams } from 'react-router'
import { Copy } from '../shell/Copy'
import { post, principalName, useSession } from '../shell/session'
import { Credentials, RootCredentials } from './users/Credentials'

/** SecurityCredentials are one's own. */
export default function SecurityCredentials() {
  const session = useSession()
  const user = session.arn.includes(':user/')
  const root = session.arn.endsWith(':root')
  const [params] = useSearchParams()
  if (params.get('of') === 'root' && !root) return <OfRoot />
  return (
    <SpaceBetween size="l">
      <Header variant="h1">My security credentials</Header>
      <Container header={<Header variant="h2">Account details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: user ? 'User name' : 'Signed in as', value: principalName(session.arn) },
            { label: 'ARN', value: <Copy text={session.arn} /> },
            { label: 'Account ID', value: <Copy text={session.account} /> },
          ]}
        />
      </Container>
      {user && <Credentials name={principalName(session.arn).split('/').at(-1)!} own />}
      {root && <RootCredentials />}
      {!user && !root && (
        <Alert type="info" header="A role has no credentials of its own">
          Its sessions have temporary ones. {session.role ? 'Switch back to see those of your user.' : 'Those you signed in with are managed where they came from.'}
        </Alert>
      )}
    </SpaceBetween>
  )
}

/** OfRoot leads whoever wants to mend the root user's credentials to where that is done. */
function OfRoot() {
  const next = '/signin/root?next=' + encodeURIComponent('/console/security-credentials')
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Security credentials of the root user</Header>
      <Alert type="info" header="Only the root user sees and changes them" action={<Button onClick={() => void post('/signin/signout', next)}>Sign out, and in as the root user</Button>}>
        You are signed in as {principalName(useSession().arn)}. With the root user's e-mail address and password, its MFA devices and access keys are here.
      </Alert>
    </SpaceBetween>
  )
}
