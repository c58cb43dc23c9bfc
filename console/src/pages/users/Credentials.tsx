import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { call, moment, pages } from '../../api/client'
import { useLoad } from '../../api/load'
import { Sessions } from '../../entity/Sessions'
import { Panel } from '../../shell/Panel'
import { date } from '../../shell/time'
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
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={<Button href="/signin/password">Change password</Button>}>Password</Header>}>The root user signs in with an e-mail address and a password that no policy limits.</Container>
      <RootDevices />
      <AccessKeys />
      <Sessions />
    </SpaceBetween>
  )
}

function RootDevices() {
  const devices = useLoad(() => pages(Marker => call('iam', 'ListMFADevices', { Marker }), o => o.MFADevices), [])
  return (
    <Panel
      title="Multi-factor authentication (MFA)"
      what="MFA devices"
      description="At sign-in a code of any of these is asked for after the password."
      loaded={devices}
      id={d => d.SerialNumber}
      columns={[
        { header: 'Identifier', cell: d => d.SerialNumber },
        { header: 'Assigned', cell: d => date(moment(d.EnableDate)) },
      ]}
    />
  )
}
