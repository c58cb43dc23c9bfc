import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import { useState } from 'react'
import { call, moment, pages } from '../../api/client'
import type { AccessKey, AccessKeyLastUsed, AccessKeyMetadata } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Ask } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { age, date } from '../../shell/time'
import { KeyPanel } from './KeyPanel'
import { OnceOnly } from './OnceOnly'
import { Rotation } from './Rotation'

/** HeldKey is an access key with its last use. */
export type HeldKey = AccessKeyMetadata & { used?: AccessKeyLastUsed }

async function keysOf(user: { UserName?: string }): Promise<HeldKey[]> {
  const keys = await pages(Marker => call('iam', 'ListAccessKeys', { ...user, Marker }), o => o.AccessKeyMetadata)
  return Promise.all(
    keys.map(async k => ({ ...k, used: await call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: k.AccessKeyId ?? '' }).then(o => o.AccessKeyLastUsed, () => undefined) })),
  )
}

/** lastUse says when and for what a key was used. */
export function lastUse(used: AccessKeyLastUsed | undefined): string {
  if (!used) return 'Not known'
  return used.LastUsedDate ? `${date(moment(used.LastUsedDate))}, ${used.ServiceName} in ${used.Region}` : 'Never'
}

/** most is how many access keys a user can have. */
const most = 2

/** AccessKeys are a user's, without a name those of the root user who is signed in. */
export function AccessKeys({ name }: { name?: string }) {
  const user = name === undefined ? {} : { UserName: name }
  const [made, setMade] = useState<AccessKey>()
  const [dialog, setDialog] = useState<'create' | 'rotate'>()
  const [sure, setSure] = useState(false)
  const keys = useLoad(() => keysOf(user), [name])
  const held = keys.value?.length ?? 0
  return (
    <>
      <KeyPanel
        title="Access keys"
        one="access key"
        many="access keys"
        description="For programs outside. A user can have two, so that one can take the place of the other. Where it can be had, a role is better."
        loaded={keys}
        id={k => k.AccessKeyId ?? ''}
        columns={[
          { header: 'Access key ID', cell: k => <Copy text={k.AccessKeyId} />, minWidth: 240 },
          { header: 'Created', cell: k => `${date(moment(k.CreateDate))} (${age(moment(k.CreateDate))})`, minWidth: 180 },
          { header: 'Last used', cell: k => lastUse(k.used), minWidth: 180 },
        ]}
        set={(AccessKeyId, Status) => call('iam', 'UpdateAccessKey', { ...user, AccessKeyId, Status })}
        remove={AccessKeyId => call('iam', 'DeleteAccessKey', { ...user, AccessKeyId })}
        actions={() => (
          <>
            <Button disabled={held === 0} onClick={() => setDialog('rotate')}>
              Rotate
            </Button>
            <Button disabled={keys.value === undefined || held >= most} disabledReason={held >= most ? 'A user can have two access keys.' : undefined} onClick={() => setDialog('create')}>
              Create access key
            </Button>
          </>
        )}
      />
      {dialog === 'create' && (
        <Ask
          title="Create access key"
          submit="Create access key"
          ready={name !== undefined || sure}
          close={() => setDialog(undefined)}
          act={async () => {
            setMade((await call('iam', 'CreateAccessKey', user)).AccessKey)
            keys.reload()
          }}
        >
          {name === undefined ? (
            <>
              <Alert type="warning" header="Access keys of the root user are not advised">
                Nothing can limit them. Create a user or a role with the permissions that are needed.
              </Alert>
              <Checkbox checked={sure} onChange={e => setSure(e.detail.checked)}>
                I want an access key of the root user nevertheless
              </Checkbox>
            </>
          ) : (
            <>A key works until it is deactivated or deleted. Give it to no one by a way that others read, and rotate it every 90 days.</>
          )}
        </Ask>
      )}
      {dialog === 'rotate' && <Rotation user={user} keys={keys} close={() => setDialog(undefined)} />}
      {made && (
        <OnceOnly
          title="Access key created"
          file={`${made.UserName || 'root'}_accessKeys.csv`}
          parts={[
            { label: 'Access key ID', value: made.AccessKeyId },
            { label: 'Secret access key', value: made.SecretAccessKey, secret: true },
          ]}
          close={() => setMade(undefined)}
        />
      )}
    </>
  )
}
