import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { call, type Refusal } from '../../api/client'
import type { PasswordPolicy } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Ask } from '../../shell/Confirm'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { classes, rules, standard, wrong } from './rules'

/** Passwords is the account's password policy. */
export function Passwords() {
  const [editing, setEditing] = useState(false)
  const policy = useLoad<PasswordPolicy | null>(
    () =>
      call('iam', 'GetAccountPasswordPolicy', {}).then(
        o => o.PasswordPolicy,
        (e: Refusal) => {
          if (e.missing) return null
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
          description="What the passwords of IAM users must be like. It holds for passwords that are set from then on; expiry holds for all."
          actions={
            <Button disabled={p === undefined} onClick={() => setEditing(true)}>
              Edit
            </Button>
          }
        >
          Password policy
        </Header>
      }
    >
      {policy.error && <Failure error={policy.error} what="the password policy" retry={policy.reload} />}
      {policy.loading && p === undefined && <Spinner />}
      {p !== undefined && (
        <>
          <Box variant="awsui-key-label">{p ? 'This account has its own policy' : 'The default policy is in force'}</Box>
          <Rules lines={p ? rules(p) : standard} />
        </>
      )}
      {editing && <Edit before={p ?? null} close={() => setEditing(false)} done={policy.reload} />}
    </Container>
  )
}

function Rules({ lines }: { lines: string[] }) {
  return (
    <ul>
      {lines.map(l => (
        <li key={l}>{l}</li>
      ))}
    </ul>
  )
}

function Edit({ before, close, done }: { before: PasswordPolicy | null; close: () => void; done: () => void }) {
  const tell = useTell()
  const [own, setOwn] = useState(before !== null)
  const [p, set] = useState<PasswordPolicy>({ MinimumPasswordLength: 8, AllowUsersToChangePassword: true, ...before })
  const part = (change: PasswordPolicy) => set({ ...p, ...change })
  const number = (v: string) => (v === '' ? undefined : Number(v))
  const faults = wrong(p)
  return (
    <Ask
      title="Edit password policy"
      submit="Save changes"
      ready={own ? Object.values(faults).every(f => f === undefined) : before !== null}
      close={close}
      act={async () => {
        if (own) {
          // What is left out takes its default, so that all of it is given.
          const { ExpirePasswords: _, ...input } = p
          await call('iam', 'UpdateAccountPasswordPolicy', input)
          tell({ type: 'success', content: 'Password policy updated.' })
        } else {
          await call('iam', 'DeleteAccountPasswordPolicy', {})
          tell({ type: 'success', content: 'The default password policy is in force.' })
        }
        done()
      }}
    >
      <RadioGroup
        ariaLabel="Password policy"
        value={own ? 'own' : 'default'}
        onChange={e => setOwn(e.detail.value === 'own')}
        items={[
          { value: 'default', label: 'IAM default', description: "The rules of AWS for accounts without a policy of their own." },
          { value: 'own', label: 'Custom' },
        ]}
      />
      {!own && <Rules lines={standard} />}
      {own && (
        <>
          <FormField label="Minimum length" constraintText="From 6 to 128" errorText={faults.length}>
            <Input type="number" value={String(p.MinimumPasswordLength ?? '')} onChange={e => part({ MinimumPasswordLength: number(e.detail.value) })} />
          </FormField>
          <FormField label="Password strength">
            {classes.map(([key, text]) => (
              <Checkbox key={key} checked={p[key] ?? false} onChange={e => part({ [key]: e.detail.checked })}>
                {text}
              </Checkbox>
            ))}
          </FormField>
          <FormField label="Expiration in days" constraintText="From 1 to 1095; empty for never" errorText={faults.age}>
            <Input type="number" value={String(p.MaxPasswordAge ?? '')} onChange={e => part({ MaxPasswordAge: number(e.detail.value) })} />
          </FormField>
          <Checkbox
            checked={p.HardExpiry ?? false}
            disabled={p.MaxPasswordAge === undefined}
            onChange={e => part({ HardExpiry: e.detail.checked })}
            description="Whoever lets the password expire can't sign in to choose another."
          >
            Password expiration requires administrator reset
          </Checkbox>
          <FormField label="Remembered passwords" constraintText="From 1 to 24; empty to allow reuse" errorText={faults.reuse}>
            <Input type="number" value={String(p.PasswordReusePrevention ?? '')} onChange={e => part({ PasswordReusePrevention: number(e.detail.value) })} />
          </FormField>
          <Checkbox checked={p.AllowUsersToChangePassword ?? false} onChange={e => part({ AllowUsersToChangePassword: e.detail.checked })}>
            Allow users to change their own password
          </Checkbox>
        </>
      )}
    </Ask>
  )
}
