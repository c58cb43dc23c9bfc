import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call, moment, pages } from '../../api/client'
import type { VirtualMFADevice } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Ask, Destroy, stay } from '../../shell/Confirm'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

/** MFADevices are a user's second factors. */
export function MFADevices({ name }: { name: string }) {
  const [dialog, setDialog] = useState<'assign' | string[]>()
  const devices = useLoad(() => pages(Marker => call('iam', 'ListMFADevices', { UserName: name, Marker }), o => o.MFADevices), [name])
  return (
    <>
      <Panel
        title="Multi-factor authentication (MFA)"
        what="MFA devices"
        description="At sign-in a code of any of these is asked for after the password."
        loaded={devices}
        id={d => d.SerialNumber}
        columns={[
          { header: 'Identifier', cell: d => d.SerialNumber },
          { header: 'Type', cell: d => (d.SerialNumber.includes(':u2f/') ? 'Passkey or security key' : d.SerialNumber.startsWith('arn:') ? 'Virtual' : 'Hardware token') },
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
      {dialog === 'assign' && <Assign name={name} close={() => setDialog(undefined)} done={devices.reload} />}
      {Array.isArray(dialog) && (
        <Destroy
          one="MFA device"
          names={dialog}
          verb="Remove"
          act={async SerialNumber => {
            await call('iam', 'DeactivateMFADevice', { UserName: name, SerialNumber })
            if (SerialNumber.startsWith('arn:')) await call('iam', 'DeleteVirtualMFADevice', { SerialNumber })
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

function Assign(props: { name: string; close: () => void; done: () => void }) {
  const tell = useTell()
  const [device, setDevice] = useState('')
  const [made, setMade] = useState<VirtualMFADevice>()
  const [codes, setCodes] = useState(['', ''])
  const close = () => {
    // A device that was not enabled is of no use to anybody.
    if (made) void call('iam', 'DeleteVirtualMFADevice', { SerialNumber: made.SerialNumber }).catch(() => {})
    props.close()
  }
  if (!made)
    return (
      <Ask
        key="name"
        title="Assign MFA device"
        submit="Next"
        ready={device !== ''}
        close={close}
        act={async () => {
          const out = await call('iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: device })
          setMade(out.VirtualMFADevice)
          return stay
        }}
      >
        <FormField label="Device name" description="A name that tells this device from others, such as alice-phone.">
          <Input value={device} onChange={e => setDevice(e.detail.value)} autoFocus />
        </FormField>
      </Ask>
    )
  return (
    <Ask
      key="codes"
      title="Set up the device"
      submit="Add MFA"
      size="large"
      ready={codes.every(c => /^\d{6}$/.test(c))}
      close={close}
      act={async () => {
        await call('iam', 'EnableMFADevice', {
          UserName: props.name,
          SerialNumber: made.SerialNumber,
          AuthenticationCode1: codes[0] ?? '',
          AuthenticationCode2: codes[1] ?? '',
        })
        tell({ type: 'success', content: `${device} is assigned to ${props.name}.` })
        props.done()
        props.close()
        return stay // gone already, and the device is to be kept
      }}
    >
      <SpaceBetween size="m">
        <Box>Scan the code with an authenticator app, then enter two codes it shows one after the other.</Box>
        <Container>
          <SpaceBetween size="s" direction="horizontal">
            <img src={`data:image/png;base64,${made.QRCodePNG}`} alt="QR code for the authenticator app" width={200} height={200} />
            <Secret seed={made.Base32StringSeed ?? ''} />
          </SpaceBetween>
        </Container>
        {['MFA code 1', 'MFA code 2'].map((label, i) => (
          <FormField key={label} label={label}>
            <Input value={codes[i] ?? ''} inputMode="numeric" autoComplete="one-time-code" onChange={e => setCodes(codes.map((c, n) => (n === i ? e.detail.value : c)))} />
          </FormField>
        ))}
      </SpaceBetween>
    </Ask>
  )
}

function Secret({ seed }: { seed: string }) {
  const [shown, setShown] = useState(false)
  if (!shown) return <Button onClick={() => setShown(true)}>Show secret key</Button>
  return <Alert header="Secret key">{atob(seed)}</Alert>
}
