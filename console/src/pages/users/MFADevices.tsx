import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { call, moment, pages } from '../../api/client'
import { useLoad } from '../../api/load'
import { Destroy } from '../../shell/Confirm'
import { Panel } from '../../shell/Panel'
import { date } from '../../shell/time'
import { Assign } from './AssignMFADevice'

/** kindOf is how people call the kind of device with a serial number. */
const kindOf = (serial: string) => (serial.includes(':u2f/') ? 'Passkey or security key' : serial.startsWith('arn:') ? 'Authenticator app' : 'Hardware token')

/** MFADevices are a user's second factors; who is what people call it. */
export function MFADevices({ name, who = name }: { name: string; who?: string }) {
  const [dialog, setDialog] = useState<'assign' | string[]>()
  const devices = useLoad(() => pages(Marker => call('iam', 'ListMFADevices', { UserName: name, Marker }), o => o.MFADevices), [name])
  return (
    <>
      <Panel
        title="Multi-factor authentication (MFA)"
        what="MFA devices"
        description="At sign-in one of these is asked for after the password: a code, or a passkey."
        loaded={devices}
        id={d => d.SerialNumber}
        columns={[
          { header: 'Identifier', cell: d => d.SerialNumber },
          { header: 'Type', cell: d => kindOf(d.SerialNumber) },
          { header: 'Assigned', cell: d => date(moment(d.EnableDate)) },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setDialog(selected.map(d => d.SerialNumber))}>
              Remove
            </Button>
            <Button onClick={() => setDialog('assign')}>Assign MFA device</Button>
          </>
        )}
      />
      {dialog === 'assign' && <Assign name={name} who={who} close={() => setDialog(undefined)} done={devices.reload} />}
      {Array.isArray(dialog) && (
        <Destroy
          one="MFA device"
          names={dialog}
          verb="Remove"
          act={async SerialNumber => {
            await call('iam', 'DeactivateMFADevice', { UserName: name, SerialNumber })
            if (SerialNumber.includes(':mfa/')) await call('iam', 'DeleteVirtualMFADevice', { SerialNumber })
          }}
          close={() => setDialog(undefined)}
          done={devices.reload}
        >
          The user then signs in without this device.
        </Destroy>
      )}
    </>
  )
}
