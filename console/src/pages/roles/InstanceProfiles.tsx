import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { call, moment, pages } from '../../api/client'
import { useLoad } from '../../api/load'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

/** InstanceProfiles are those by which EC2 instances have a role. */
export function InstanceProfiles({ name }: { name: string }) {
  const tell = useTell()
  const [dialog, setDialog] = useState<'add' | string[]>()
  const [profile, setProfile] = useState(name)
  const profiles = useLoad(() => pages(Marker => call('iam', 'ListInstanceProfilesForRole', { RoleName: name, Marker }), o => o.InstanceProfiles), [name])
  return (
    <>
      <Panel
        title="Instance profiles"
        what="instance profiles"
        description="An EC2 instance that is given a profile has its role."
        loaded={profiles}
        id={p => p.InstanceProfileName}
        columns={[
          { header: 'Instance profile', cell: p => p.InstanceProfileName },
          { header: 'ARN', cell: p => <Copy text={p.Arn} /> },
          { header: 'Created', cell: p => date(moment(p.CreateDate)) },
        ]}
        actions={selected => (
          <>
            {selected.length > 0 && <Button onClick={() => setDialog(selected.map(p => p.InstanceProfileName))}>Delete</Button>}
            <Button onClick={() => setDialog('add')}>Add instance profile</Button>
          </>
        )}
      />
      {dialog === 'add' && (
        <Ask
          title="Add instance profile"
          submit="Add"
          ready={profile !== ''}
          close={() => setDialog(undefined)}
          act={async () => {
            // A profile that is there already gets the role, unless it has one.
            await call('iam', 'CreateInstanceProfile', { InstanceProfileName: profile }).catch((e: { code?: string }) => {
              if (!e.code?.startsWith('EntityAlreadyExists')) throw e
            })
            await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: profile, RoleName: name })
            tell({ type: 'success', content: `Instance profile ${profile} has the role.` })
            profiles.reload()
          }}
        >
          <FormField label="Instance profile name" description="A new one, or one without a role.">
            <Input value={profile} onChange={e => setProfile(e.detail.value)} disableBrowserAutocorrect />
          </FormField>
        </Ask>
      )}
      {Array.isArray(dialog) && (
        <Destroy
          one="instance profile"
          names={dialog}
          act={async InstanceProfileName => {
            await call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName: name })
            await call('iam', 'DeleteInstanceProfile', { InstanceProfileName })
          }}
          close={() => setDialog(undefined)}
          done={gone => {
            tell({ type: 'success', content: `${gone.join(', ')} deleted.` })
            profiles.reload()
          }}
        >
          Instances that have it lose the role. The role itself stays.
        </Destroy>
      )}
    </>
  )
}
