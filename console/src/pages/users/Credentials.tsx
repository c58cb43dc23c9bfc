import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Sessions } from '../../entity/Sessions'
import { useSession } from '../../shell/session'
import { AccessKeys } from './AccessKeys'
import { Certificates } from './Certificates'
import { MFADevices } from './MFADevices'
import { Password } from './Password'
import { ServiceCredentials } from './ServiceCredentials'
import { SSHKeys } from './SSHKeys'

/** Credentials are what a user proves who they are with. own says that it is the viewer. */
export function Credentials({ name, arn, own }: { name: string; arn?: string; own?: boolean }) {
  return (
    <SpaceBetween size="l">
      <Password name={name} own={own} />
      <MFADevices name={name} />
      <AccessKeys name={name} />
      <SSHKeys name={name} />
      <Certificates name={name} />
      <ServiceCredentials name={name} />
      {arn && <Sessions principal={arn} />}
    </SpaceBetween>
  )
}

/** RootCredentials are those of the root user, who is the viewer. */
export function RootCredentials() {
  // Operations that want a user's name know the root user by the account's number.
  const { account } = useSession()
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={<Button href="/signin/password">Change password</Button>}>Password</Header>}>The root user signs in with an e-mail address and a password that no policy limits.</Container>
      <MFADevices name={account} who="the root user" />
      <AccessKeys />
      <Sessions />
    </SpaceBetween>
  )
}
