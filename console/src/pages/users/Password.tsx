import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import RadioGroup from '@cloudscape-design/components/radio-group'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { call, moment, type Refusal } from '../../api/client'
import { useLoad } from '../../api/load'
import { Actions } from '../../shell/Actions'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { signInURL, useSession } from '../../shell/session'
import { date } from '../../shell/time'
import { OnceOnly } from './OnceOnly'
import { password as random } from './password'

/** Password is how a user signs in to the console. own says that it is the viewer. */
export function Password({ name, own }: { name: string; own?: boolean }) {
  const tell = useTell()
  const session = useSession()
  const [dialog, setDialog] = useState<'set' | 'own' | 'disable'>()
  const [made, setMade] = useState<string>()
  const login = useLoad(
    () =>
      call('iam', 'GetLoginProfile', { UserName: name }).then(
        out => out.LoginProfile as typeof out.LoginProfile | null,
        (e: Refusal) => {
          if (e.missing) return null
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
            <Actions>
              {own && <Button onClick={() => setDialog('own')}>Change my password</Button>}
              {login.value && !own && <Button onClick={() => setDialog('disable')}>Disable console access</Button>}
              {!own && (
                <Button disabled={login.value === undefined} onClick={() => setDialog('set')}>
                  {login.value ? 'Change password' : 'Enable console access'}
                </Button>
              )}
            </Actions>
          }
        >
          Console sign-in
        </Header>
      }
    >
      {login.error && <Failure error={login.error} what="console sign-in" retry={login.reload} />}
      {login.loading && login.value === undefined && <StatusIndicator type="loading">Loading</StatusIndicator>}
      {login.value === null && <StatusIndicator type="stopped">Not enabled</StatusIndicator>}
      {login.value && (
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Console sign-in URL', value: <Copy text={signInURL(session)} /> },
            { label: 'Password set', value: date(moment(login.value.CreateDate)) },
            { label: 'At the next sign-in', value: login.value.PasswordResetRequired ? 'A new password must be chosen' : 'Nothing' },
          ]}
        />
      )}
      {dialog === 'own' && <ChangeOwn close={() => setDialog(undefined)} />}
      {dialog === 'set' && (
        <SetPassword
          name={name}
          has={login.value !== null}
          close={() => setDialog(undefined)}
          done={generated => {
            tell({ type: 'success', content: 'The password is set.' })
            setMade(generated)
            login.reload()
          }}
        />
      )}
      {made && (
        <OnceOnly
          title="Console password"
          file={`${name}_credentials.csv`}
          parts={[
            { label: 'Console sign-in URL', value: signInURL(session) },
            { label: 'User name', value: name },
            { label: 'Password', value: made, secret: true },
          ]}
          close={() => setMade(undefined)}
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

function SetPassword(props: { name: string; has: boolean; close: () => void; done: (generated?: string) => void }) {
  const [own, setOwn] = useState(false)
  const [password, setPassword] = useState('')
  const [reset, setReset] = useState(true)
  return (
    <Ask
      title={props.has ? 'Change password' : 'Enable console access'}
      submit="Set password"
      ready={!own || password !== ''}
      close={props.close}
      act={async () => {
        const Password = own ? password : random()
        const input = { UserName: props.name, Password, PasswordResetRequired: reset }
        if (props.has) await call('iam', 'UpdateLoginProfile', input)
        else await call('iam', 'CreateLoginProfile', input)
        props.done(own ? undefined : Password)
      }}
    >
      <PasswordChoice own={own} setOwn={setOwn} password={password} setPassword={setPassword} reset={reset} setReset={setReset} />
    </Ask>
  )
}

/** PasswordChoice is whether a password is made up or typed, and lasts. */
export function PasswordChoice(p: { own: boolean; setOwn: (v: boolean) => void; password: string; setPassword: (v: string) => void; reset: boolean; setReset: (v: boolean) => void }) {
  return (
    <>
      <RadioGroup
        ariaLabel="Console password"
        value={p.own ? 'own' : 'random'}
        onChange={e => p.setOwn(e.detail.value === 'own')}
        items={[
          { value: 'random', label: 'Autogenerated password', description: 'It is shown once, when it has been set.' },
          { value: 'own', label: 'Custom password' },
        ]}
      />
      {p.own && (
        <FormField label="Password" description="It must meet the account's password policy.">
          <Input type="password" value={p.password} onChange={e => p.setPassword(e.detail.value)} autoComplete="new-password" />
        </FormField>
      )}
      <Checkbox checked={p.reset} onChange={e => p.setReset(e.detail.checked)}>
        The user must choose a new password at the next sign-in
      </Checkbox>
    </>
  )
}

function ChangeOwn({ close }: { close: () => void }) {
  const tell = useTell()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  return (
    <Ask
      title="Change my password"
      submit="Change password"
      ready={old !== '' && fresh !== '' && fresh === again}
      close={close}
      act={async () => {
        await call('iam', 'ChangePassword', { OldPassword: old, NewPassword: fresh })
        tell({ type: 'success', content: 'Your password is changed. Your other sessions have ended.' })
      }}
    >
      <FormField label="Current password">
        <Input type="password" value={old} onChange={e => setOld(e.detail.value)} autoComplete="current-password" />
      </FormField>
      <FormField label="New password" description="It must meet the account's password policy.">
        <Input type="password" value={fresh} onChange={e => setFresh(e.detail.value)} autoComplete="new-password" />
      </FormField>
      <FormField label="New password again" errorText={again !== '' && again !== fresh && 'It is not the same.'}>
        <Input type="password" value={again} onChange={e => setAgain(e.detail.value)} autoComplete="new-password" />
      </FormField>
    </Ask>
  )
}
