import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { call, moment, pages, Refusal } from '../../api/client'
import type { AccessKey, AccessKeyLastUsed, AccessKeyMetadata } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { CsvButton } from './csv'
import { MFADevices } from './MFADevices'

/** Credentials are what a user proves who they are with. */
export function Credentials({ name }: { name: string }) {
  return (
    <SpaceBetween size="l">
      <Password name={name} />
      <MFADevices name={name} />
      <AccessKeys name={name} />
    </SpaceBetween>
  )
}

function Password({ name }: { name: string }) {
  const tell = useTell()
  const [dialog, setDialog] = useState<'set' | 'disable'>()
  const login = useLoad(
    () =>
      call('iam', 'GetLoginProfile', { UserName: name }).then(
        out => out.LoginProfile as typeof out.LoginProfile | null,
        (e: Refusal) => {
          if (e.code === 'NoSuchEntity') return null
          throw e
        },
      ),
    [name],
  )
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {login.value && <Button onClick={() => setDialog('disable')}>Disable console access</Button>}
              <Button disabled={login.value === undefined} onClick={() => setDialog('set')}>
                {login.value ? 'Change password' : 'Enable console access'}
              </Button>
            </SpaceBetween>
          }
        >
          Console sign-in
        </Header>
      }
    >
      {login.error && <Failure error={login.error} what="console sign-in" retry={login.reload} />}
      {login.value === null && <StatusIndicator type="stopped">Not enabled</StatusIndicator>}
      {login.value && (
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Console access', value: <StatusIndicator>Enabled</StatusIndicator> },
            { label: 'Password set', value: date(moment(login.value.CreateDate)) },
            { label: 'At the next sign-in', value: login.value.PasswordResetRequired ? 'A new password must be chosen' : 'Nothing' },
          ]}
        />
      )}
      {dialog === 'set' && (
        <SetPassword
          name={name}
          has={login.value !== null}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: 'The password is set.' })
            login.reload()
          }}
        />
      )}
      {dialog === 'disable' && (
        <Destroy
          one="console access of"
          names={[name]}
          verb="Disable"
          act={() => call('iam', 'DeleteLoginProfile', { UserName: name })}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: 'Console access is disabled.' })
            login.reload()
          }}
        >
          The password is deleted and console sessions end. Access keys go on working.
        </Destroy>
      )}
    </Container>
  )
}

function SetPassword(props: { name: string; has: boolean; close: () => void; done: () => void }) {
  const [password, setPassword] = useState('')
  const [reset, setReset] = useState(true)
  return (
    <Ask
      title={props.has ? 'Change password' : 'Enable console access'}
      submit="Set password"
      ready={password !== ''}
      close={props.close}
      act={async () => {
        const input = { UserName: props.name, Password: password, PasswordResetRequired: reset }
        if (props.has) await call('iam', 'UpdateLoginProfile', input)
        else await call('iam', 'CreateLoginProfile', input)
        props.done()
      }}
    >
      <FormField label="Password" description="It must meet the account's password policy.">
        <Input type="password" value={password} onChange={e => setPassword(e.detail.value)} autoComplete="new-password" />
      </FormField>
      <Checkbox checked={reset} onChange={e => setReset(e.detail.checked)}>
        The user must choose a new password at the next sign-in
      </Checkbox>
    </Ask>
  )
}

/** Key is an access key with its last use. */
type Key = AccessKeyMetadata & { used?: AccessKeyLastUsed }

async function keysOf(name: string): Promise<Key[]> {
  const keys = await pages(Marker => call('iam', 'ListAccessKeys', { UserName: name, Marker }), o => o.AccessKeyMetadata)
  return Promise.all(
    keys.map(async k => ({ ...k, used: await call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: k.AccessKeyId ?? '' }).then(o => o.AccessKeyLastUsed, () => undefined) })),
  )
}

function AccessKeys({ name }: { name: string }) {
  const tell = useTell()
  const [made, setMade] = useState<AccessKey>()
  const [going, setGoing] = useState<string[]>()
  const keys = useLoad(() => keysOf(name), [name])
  const set = async (all: Key[], Status: 'Active' | 'Inactive') => {
    for (const k of all)
      await call('iam', 'UpdateAccessKey', { UserName: name, AccessKeyId: k.AccessKeyId ?? '', Status }).catch((e: Error) =>
        tell({ type: 'error', header: `${k.AccessKeyId} was not changed`, content: e.message }),
      )
    keys.reload()
  }
  return (
    <>
      <Panel
        title="Access keys"
        what="access keys"
        description="To rotate: create a second key, use it everywhere, deactivate the old one, and delete it when nothing misses it."
        loaded={keys}
        id={k => k.AccessKeyId ?? ''}
        columns={[
          { header: 'Access key ID', cell: k => <Copy text={k.AccessKeyId} /> },
          { header: 'Status', cell: k => (k.Status === 'Active' ? <StatusIndicator>Active</StatusIndicator> : <StatusIndicator type="stopped">Inactive</StatusIndicator>) },
          { header: 'Created', cell: k => date(moment(k.CreateDate)) },
          { header: 'Last used', cell: k => (k.used?.LastUsedDate ? `${date(moment(k.used.LastUsedDate))}, ${k.used.ServiceName} in ${k.used.Region}` : 'Never') },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setGoing(selected.map(k => k.AccessKeyId ?? ''))}>
              Delete
            </Button>
            {selected.length > 0 && selected.every(k => k.Status === 'Active') ? (
              <Button onClick={() => set(selected, 'Inactive')}>Deactivate</Button>
            ) : (
              <Button disabled={selected.length === 0} onClick={() => set(selected, 'Active')}>
                Activate
              </Button>
            )}
            <Button
              onClick={() =>
                call('iam', 'CreateAccessKey', { UserName: name }).then(
                  out => {
                    setMade(out.AccessKey)
                    keys.reload()
                  },
                  (e: Error) => tell({ type: 'error', header: 'No access key was created', content: e.message }),
                )
              }
            >
              Create access key
            </Button>
          </>
        )}
      />
      {made && <OnceOnly made={made} close={() => setMade(undefined)} />}
      {going && (
        <Destroy
          one="access key"
          names={going}
          act={id => call('iam', 'DeleteAccessKey', { UserName: name, AccessKeyId: id })}
          close={() => setGoing(undefined)}
          done={keys.reload}
        >
          What uses a deleted key fails at once, and it can't be brought back.
        </Destroy>
      )}
    </>
  )
}

/** OnceOnly shows a new key, whose secret is never shown again. */
function OnceOnly({ made, close }: { made: AccessKey; close: () => void }) {
  return (
    <Modal
      visible
      onDismiss={close}
      header="Access key created"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <CsvButton name={`${made.UserName}_accessKeys.csv`} rows={[['Access key ID', 'Secret access key'], [made.AccessKeyId, made.SecretAccessKey]]} />
            <Button variant="primary" onClick={close}>
              Done
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">The secret access key is shown this once. Keep it where secrets are kept.</Alert>
        <KeyValuePairs
          items={[
            { label: 'Access key ID', value: <Copy text={made.AccessKeyId} /> },
            { label: 'Secret access key', value: <Copy text={made.SecretAccessKey} /> },
          ]}
        />
      </SpaceBetween>
    </Modal>
  )
}
