import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { call, type Refusal } from '../api/client'
import type { PasswordPolicy } from '../api/iam.gen'
import { useLoad } from '../api/load'
import { Ask } from '../shell/Confirm'
import { Copy } from '../shell/Copy'
import { Failure } from '../shell/Failure'
import { useTell } from '../shell/notices'
import { useSession } from '../shell/session'

export default function Settings() {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Account settings</Header>
      <Passwords />
      <Alias />
    </SpaceBetween>
  )
}

function Passwords() {
  const tell = useTell()
  const [editing, setEditing] = useState(false)
  const policy = useLoad<PasswordPolicy | null>(
    () =>
      call('iam', 'GetAccountPasswordPolicy', {}).then(
        o => o.PasswordPolicy,
        (e: Refusal) => {
          if (e.code === 'NoSuchEntity') return null
          throw e
        },
      ),
    [],
  )
  const p = policy.value
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="What the passwords of IAM users must be like."
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              {p && (
                <Button
                  onClick={() =>
                    call('iam', 'DeleteAccountPasswordPolicy', {}).then(
                      () => {
                        tell({ type: 'success', content: 'The default password policy is in force.' })
                        policy.reload()
                      },
                      (e: Error) => tell({ type: 'error', header: 'The policy was not deleted', content: e.message }),
                    )
                  }
                >
                  Use the default
                </Button>
              )}
              <Button disabled={p === undefined} onClick={() => setEditing(true)}>
                Edit
              </Button>
            </SpaceBetween>
          }
        >
          Password policy
        </Header>
      }
    >
      {policy.error && <Failure error={policy.error} what="the password policy" retry={policy.reload} />}
      {policy.loading && p === undefined && <Spinner />}
      {p === null && 'The default: at least 8 characters, of at least three of uppercase letters, lowercase letters, numbers and symbols, and not the account’s name or e-mail address.'}
      {p && (
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Minimum length', value: String(p.MinimumPasswordLength ?? 6) },
            { label: 'Must contain', value: wanted(p).join(', ') || 'Anything' },
            { label: 'Expiration', value: p.MaxPasswordAge ? `After ${p.MaxPasswordAge} days${p.HardExpiry ? ', then an administrator resets it' : ''}` : 'Never' },
            { label: 'Reuse', value: p.PasswordReusePrevention ? `Not the last ${p.PasswordReusePrevention}` : 'Allowed' },
            { label: 'Users may change their own', value: p.AllowUsersToChangePassword ? 'Yes' : 'No' },
          ]}
        />
      )}
      {editing && <Edit before={p ?? {}} close={() => setEditing(false)} done={policy.reload} />}
    </Container>
  )
}

const classes = [
  ['RequireUppercaseCharacters', 'uppercase letters'],
  ['RequireLowercaseCharacters', 'lowercase letters'],
  ['RequireNumbers', 'numbers'],
  ['RequireSymbols', 'symbols'],
] as const

const wanted = (p: PasswordPolicy) => classes.filter(([key]) => p[key]).map(([, name]) => name)

function Edit({ before, close, done }: { before: PasswordPolicy; close: () => void; done: () => void }) {
  const tell = useTell()
  const [p, set] = useState<PasswordPolicy>({ MinimumPasswordLength: 8, AllowUsersToChangePassword: true, ...before })
  const part = (change: PasswordPolicy) => set({ ...p, ...change })
  const number = (v: string) => (v === '' ? undefined : Number(v))
  return (
    <Ask
      title="Edit password policy"
      submit="Save"
      close={close}
      act={async () => {
        // What is left out takes its default, so that all of it is given.
        const { ExpirePasswords: _, ...input } = p
        await call('iam', 'UpdateAccountPasswordPolicy', input)
        tell({ type: 'success', content: 'Password policy updated.' })
        done()
      }}
    >
      <FormField label="Minimum length" constraintText="From 6 to 128">
        <Input type="number" value={String(p.MinimumPasswordLength ?? '')} onChange={e => part({ MinimumPasswordLength: number(e.detail.value) })} />
      </FormField>
      {classes.map(([key, name]) => (
        <Checkbox key={key} checked={p[key] ?? false} onChange={e => part({ [key]: e.detail.checked })}>
          Require {name}
        </Checkbox>
      ))}
      <FormField label="Expiration in days" constraintText="From 1 to 1095; empty for never">
        <Input type="number" value={String(p.MaxPasswordAge ?? '')} onChange={e => part({ MaxPasswordAge: number(e.detail.value) })} />
      </FormField>
      <Checkbox checked={p.HardExpiry ?? false} onChange={e => part({ HardExpiry: e.detail.checked })}>
        An expired password is reset by an administrator
      </Checkbox>
      <FormField label="Remembered passwords" constraintText="From 1 to 24; empty to allow reuse">
        <Input type="number" value={String(p.PasswordReusePrevention ?? '')} onChange={e => part({ PasswordReusePrevention: number(e.detail.value) })} />
      </FormField>
      <Checkbox checked={p.AllowUsersToChangePassword ?? false} onChange={e => part({ AllowUsersToChangePassword: e.detail.checked })}>
        Users may change their own password
      </Checkbox>
    </Ask>
  )
}

function Alias() {
  const tell = useTell()
  const session = useSession()
  const [editing, setEditing] = useState(false)
  const [text, setText] = useState('')
  const alias = useLoad(async () => (await call('iam', 'ListAccountAliases', {})).AccountAliases?.[0] ?? null, [])
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Users sign in with it in place of the account's number."
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              {alias.value && (
                <Button
                  onClick={() =>
                    call('iam', 'DeleteAccountAlias', { AccountAlias: alias.value ?? '' }).then(alias.reload, (e: Error) =>
                      tell({ type: 'error', header: 'The alias was not deleted', content: e.message }),
                    )
                  }
                >
                  Delete
                </Button>
              )}
              <Button disabled={alias.value === undefined} onClick={() => setEditing(true)}>
                {alias.value ? 'Edit' : 'Create'}
              </Button>
            </SpaceBetween>
          }
        >
          Account alias
        </Header>
      }
    >
      {alias.error && <Failure error={alias.error} what="the alias" retry={alias.reload} />}
      <KeyValuePairs
        columns={2}
        items={[
          { label: 'Alias', value: alias.value ?? '–' },
          { label: 'Sign-in URL of users', value: <Copy text={`${location.origin}/signin?account=${alias.value ?? session.account}`} /> },
        ]}
      />
      {editing && (
        <Ask
          title="Account alias"
          submit="Save"
          ready={text !== ''}
          close={() => setEditing(false)}
          act={async () => {
            await call('iam', 'CreateAccountAlias', { AccountAlias: text })
            alias.reload()
          }}
        >
          <FormField label="Alias" constraintText="3 to 63 lower-case letters, digits and hyphens">
            <Input value={text} onChange={e => setText(e.detail.value)} autoFocus />
          </FormField>
        </Ask>
      )}
    </Container>
  )
}
