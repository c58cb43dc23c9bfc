import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call } from '../../api/client'
import type { VirtualMFADevice } from '../../api/iam.gen'
import { createPasskey, supported } from '../../api/passkey'
import { Ask, stay } from '../../shell/Confirm'
import { useTell } from '../../shell/notices'

type Kind = 'passkey' | 'app' | 'token'

interface AssignProps {
  name: string
  who: string
  close: () => void
  done: () => void
}

/** Assign gives a user a second factor: a passkey, an authenticator app or a hardware token. */
export function Assign(props: AssignProps) {
  const tell = useTell()
  const [kind, setKind] = useState<Kind>(supported() ? 'passkey' : 'app')
  const [device, setDevice] = useState('')
  const [made, setMade] = useState<VirtualMFADevice>()
  const assigned = (): typeof stay => {
    tell({ type: 'success', content: `${device} is assigned to ${props.who}.` })
    props.done()
    props.close()
    return stay // gone already, and the device is to be kept
  }
  const close = () => {
    // A device that was not enabled is of no use to anybody.
    if (made && kind === 'app') void call('iam', 'DeleteVirtualMFADevice', { SerialNumber: made.SerialNumber }).catch(() => {})
    props.close()
  }
  const enable = async (SerialNumber: string, codes: string[]): Promise<typeof stay> => {
    await call('iam', 'EnableMFADevice', { UserName: props.name, SerialNumber, AuthenticationCode1: codes[0] ?? '', AuthenticationCode2: codes[1] ?? '' })
    return assigned()
  }
  if (made) return <Codes title="Set up the device" close={close} act={codes => enable(made.SerialNumber, codes)} device={made} />
  const [label, description] = names[kind]
  return (
    <Ask
      key="name"
      title="Assign MFA device"
      submit={kind === 'passkey' ? 'Create passkey' : 'Next'}
      ready={device !== ''}
      close={close}
      act={async () => {
        if (kind === 'passkey') {
          await registerPasskey(props.name, device)
          return assigned()
        }
        setMade(kind === 'token' ? { SerialNumber: device } : (await call('iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: device })).VirtualMFADevice)
        return stay
      }}
    >
      <FormField label="Device type">
        <RadioGroup
          value={kind}
          onChange={e => setKind(e.detail.value as Kind)}
          items={[
            { value: 'passkey', label: 'Passkey or security key', description: 'A passkey of this browser or a phone, or a FIDO2 security key', disabled: !supported() },
            { value: 'app', label: 'Authenticator app', description: 'Shows six digits, set up with a QR code' },
            { value: 'token', label: 'Hardware TOTP token', description: 'A token whose seed an administrator has imported' },
          ]}
        />
      </FormField>
      <FormField label={label} description={description}>
        <Input value={device} onChange={e => setDevice(e.detail.value)} autoFocus />
      </FormField>
    </Ask>
  )
}

const names: Record<Kind, [string, string]> = {
  passkey: ['Device name', 'A name that tells this device from others, such as alice-key.'],
  app: ['Device name', 'A name that tells this device from others, such as alice-phone.'],
  token: ['Serial number', 'The serial number on the token, such as GAHT12345678.'],
}

async function registerPasskey(UserName: string, DeviceName: string) {
  const begun = await call('sallyport', 'BeginPasskeyRegistration', { UserName })
  const Credential = await createPasskey(begun.CreationOptions)
  await call('sallyport', 'FinishPasskeyRegistration', { UserName, DeviceName, Registration: begun.Registration, Credential })
}

/** Codes asks for two codes in a row, which prove that the device is at hand. */
function Codes(props: { title: string; device: VirtualMFADevice; close: () => void; act: (codes: string[]) => Promise<typeof stay> }) {
  const { device } = props
  const [codes, setCodes] = useState(['', ''])
  return (
    <Ask key="codes" title={props.title} submit="Add MFA" size="large" ready={codes.every(c => /^\d{6}$/.test(c))} close={props.close} act={() => props.act(codes)}>
      <SpaceBetween size="m">
        {device.QRCodePNG ? (
          <>
            <Box>Scan the code with an authenticator app, then enter two codes it shows one after the other.</Box>
            <Container>
              <SpaceBetween size="s" direction="horizontal">
                <img src={`data:image/png;base64,${device.QRCodePNG}`} alt="QR code for the authenticator app" width={200} height={200} />
                <Secret seed={device.Base32StringSeed ?? ''} />
              </SpaceBetween>
            </Container>
          </>
        ) : (
          <Box>Enter two codes that the token shows one after the other.</Box>
        )}
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
