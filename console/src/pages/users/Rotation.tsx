import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Steps, { type StepsProps } from '@cloudscape-design/components/steps'
import { useEffect, useState, type ReactNode } from 'react'
import { call } from '../../api/client'
import type { AccessKey } from '../../api/iam.gen'
import type { Loaded } from '../../api/load'
import { Actions } from '../../shell/Actions'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { date } from '../../shell/time'
import { lastUse, type HeldKey } from './AccessKeys'
import { CsvButton } from './csv'
import { Parts } from './OnceOnly'
import { pair, quietFor, stage, stages, stillUsed, type Key, type Stage } from './rotation'

/** watch is how often the last uses are looked at, in milliseconds. */
const watch = 10_000

const titles: Record<Exclude<Stage, 'done'>, string> = {
  create: 'Create a second key',
  use: 'Use it in place of the old one',
  deactivate: 'Deactivate the old key',
  delete: 'Delete the old key',
}

const keyOf = (k: HeldKey): Key => ({ id: k.AccessKeyId ?? '', active: k.Status === 'Active', created: k.CreateDate ?? 0, used: k.used?.LastUsedDate })

/**
 * Rotation leads through the change of an access key for another, as AWS advises
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html).
 * How far it is is read from the keys, so that it can be left and taken up again.
 */
export function Rotation({ user, keys, close }: { user: { UserName?: string }; keys: Loaded<HeldKey[]>; close: () => void }) {
  const [gone, setGone] = useState(false)
  const [made, setMade] = useState<AccessKey>()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const held = keys.value ?? []
  const found = pair(held.map(keyOf))
  const old = gone ? undefined : found.old
  const fresh = gone ? found.old : found.fresh
  const at = stage(old, fresh)
  useEffect(() => {
    if (at !== 'use' && at !== 'deactivate' && at !== 'delete') return
    const timer = setInterval(keys.reload, watch)
    return () => clearInterval(timer)
  }, [at, keys.reload])
  const run = async (step: () => Promise<unknown>) => {
    setBusy(true)
    setError(undefined)
    await step().then(keys.reload, setError)
    setBusy(false)
  }
  const set = (Status: 'Active' | 'Inactive') => run(() => call('iam', 'UpdateAccessKey', { ...user, AccessKeyId: old?.id ?? '', Status }))
  const used = old && stillUsed(old, fresh, Date.now() / 1000)
  const usedOf = (k: Key | undefined) => lastUse(held.find(h => h.AccessKeyId === k?.id)?.used)

  const body: Record<Stage, ReactNode> = {
    create: (
      <Button variant="primary" loading={busy} onClick={() => run(async () => setMade((await call('iam', 'CreateAccessKey', user)).AccessKey))}>
        Create access key
      </Button>
    ),
    use: <Box>Put the new key wherever the old one is, and let it be used once. This page looks every ten seconds whether it was.</Box>,
    deactivate: (
      <SpaceBetween size="s">
        {used ? (
          <Alert type="warning" header="The old key is still used">
            It was used within the last {quietFor / 3600} hours, or after the new one was. What uses it fails when it is deactivated; it can be activated again at once.
          </Alert>
        ) : (
          <Box>The new key is used, and the old one is not any more.</Box>
        )}
        <Button variant={used ? 'normal' : 'primary'} loading={busy} onClick={() => set('Inactive')}>
          Deactivate the old key
        </Button>
      </SpaceBetween>
    ),
    delete: (
      <SpaceBetween size="s">
        <Box>Wait until you are sure that nothing misses the old key. It can be activated again; once deleted, it is gone.</Box>
        <FormField
          label={
            <>
              To delete it, type <b>{old?.id}</b>
            </>
          }
        >
          <Input value={typed} onChange={e => setTyped(e.detail.value)} autoComplete={false} ariaLabel={`To delete it, type ${old?.id}`} />
        </FormField>
        <Actions>
          <Button loading={busy} onClick={() => set('Active')}>
            Activate it again
          </Button>
          <Button
            variant="primary"
            disabled={typed !== old?.id}
            loading={busy}
            onClick={() =>
              run(async () => {
                await call('iam', 'DeleteAccessKey', { ...user, AccessKeyId: old?.id ?? '' })
                setGone(true)
              })
            }
          >
            Delete the old key
          </Button>
        </Actions>
      </SpaceBetween>
    ),
    done: <Alert type="success">The access key is rotated.</Alert>,
  }
  const steps: StepsProps.Step[] = stages.slice(0, -1).map((s, i) => ({
    header: `${titles[s as Exclude<Stage, 'done'>]}`,
    status: i < stages.indexOf(at) ? 'success' : s === at ? 'in-progress' : 'pending',
    details: s === at ? body[s] : undefined,
  }))
  return (
    <Modal
      visible
      size="large"
      header="Rotate access key"
      onDismiss={close}
      footer={
        <Box float="right">
          <Actions>
            {made && <CsvButton name={`${made.UserName || 'root'}_accessKeys.csv`} rows={[['Access key ID', 'Secret access key'], [made.AccessKeyId, made.SecretAccessKey]]} />}
            <Button variant={at === 'done' ? 'primary' : 'link'} onClick={close}>
              {at === 'done' ? 'Done' : 'Continue later'}
            </Button>
          </Actions>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Old key', value: old ? <About k={old} used={usedOf(old)} /> : 'Deleted' },
            { label: 'New key', value: fresh ? <About k={fresh} used={usedOf(fresh)} /> : 'None yet' },
          ]}
        />
        {made && at !== 'done' && (
          <Parts
            parts={[
              { label: 'Access key ID', value: made.AccessKeyId },
              { label: 'Secret access key', value: made.SecretAccessKey, secret: true },
            ]}
          />
        )}
        <Steps ariaLabel="Rotation" steps={steps} />
        {at === 'done' && body.done}
        {error && <Failure error={error} what="the access key" />}
      </SpaceBetween>
    </Modal>
  )
}

function About({ k, used }: { k: Key; used: string }) {
  return (
    <>
      <Copy text={k.id} />
      <Box variant="small" display="block">
        {k.active ? 'Active' : 'Inactive'}, created {date(new Date(k.created * 1000))}
      </Box>
      <Box variant="small" display="block">
        Last used: {used}
      </Box>
    </>
  )
}
