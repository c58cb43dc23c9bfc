import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown'
import FormField from '@cloudscape-design/components/form-field'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { call, pages } from '../../api/client'
import type { Tag } from '../../api/iam.gen'
import { ChoosePolicies } from '../../entity/ChoosePolicies'
import { missing, removeUser } from '../../entity/remove'
import { TagFields } from '../../entity/Tags'
import { Bulk as Dialog, Destroy, Names } from '../../shell/Confirm'
import { useTell } from '../../shell/notices'
import { ChooseGroups } from './Choose'

/** Bulk is what can be done to several users at once. */
export type Bulk = 'groups' | 'policies' | 'tags' | 'keys' | 'console' | 'delete'

export const bulkActions: ButtonDropdownProps.Items = [
  { id: 'groups', text: 'Add to groups' },
  { id: 'policies', text: 'Attach policies' },
  { id: 'tags', text: 'Add tags' },
  { id: 'keys', text: 'Deactivate access keys' },
  { id: 'console', text: 'Disable console access' },
  { id: 'delete', text: 'Delete' },
]

const users = (names: string[]) => (names.length === 1 ? `user ${names[0]}` : `${names.length} users`)

async function deactivateKeys(UserName: string) {
  for (const k of await pages(Marker => call('iam', 'ListAccessKeys', { UserName, Marker }), o => o.AccessKeyMetadata))
    if (k.Status === 'Active') await call('iam', 'UpdateAccessKey', { UserName, AccessKeyId: k.AccessKeyId ?? '', Status: 'Inactive' })
}

/** BulkAction does something to every user that was selected, and shows how far it is. */
export function BulkAction({ action, names, close, done }: { action: Bulk; names: string[]; close: () => void; done: () => void }) {
  const tell = useTell()
  const [groups, setGroups] = useState<readonly MultiselectProps.Option[]>([])
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  const [tags, setTags] = useState<Tag[]>([{ Key: '', Value: '' }])
  const shared = {
    names,
    one: 'user',
    close,
    done: (changed: string[]) => {
      tell({ type: 'success', content: `${changed.length === 1 ? `User ${changed[0]}` : `${changed.length} users`} ${past[action]}.` })
      done()
    },
  }
  switch (action) {
    case 'groups':
      return (
        <Dialog
          {...shared}
          title={`Add ${users(names)} to groups`}
          submit="Add"
          ready={groups.length > 0}
          act={async UserName => {
            for (const g of groups) await call('iam', 'AddUserToGroup', { UserName, GroupName: g.value ?? '' })
          }}
        >
          <Names names={names} />
          <FormField label="Groups">
            <ChooseGroups chosen={groups} set={setGroups} />
          </FormField>
        </Dialog>
      )
    case 'policies':
      return (
        <Dialog
          {...shared}
          title={`Attach policies to ${users(names)}`}
          submit="Attach"
          ready={policies.length > 0}
          act={async UserName => {
            for (const p of policies) await call('iam', 'AttachUserPolicy', { UserName, PolicyArn: p.value ?? '' })
          }}
        >
          <Names names={names} />
          <ChoosePolicies chosen={policies} set={setPolicies} />
        </Dialog>
      )
    case 'tags':
      return (
        <Dialog
          {...shared}
          title={`Add tags to ${users(names)}`}
          submit="Add"
          size="large"
          ready={tags.length > 0 && tags.every(t => t.Key !== '')}
          act={UserName => call('iam', 'TagUser', { UserName, Tags: tags })}
        >
          <Names names={names} />
          <TagFields items={tags} set={setTags} />
        </Dialog>
      )
    case 'keys':
      return (
        <Dialog {...shared} title={`Deactivate the access keys of ${users(names)}?`} submit="Deactivate" act={deactivateKeys}>
          <Names names={names} />
          What uses them fails at once. They can be activated again.
        </Dialog>
      )
    case 'console':
      return (
        <Destroy {...shared} verb="Disable" one="console access of user" many="users' console access" act={UserName => missing(call('iam', 'DeleteLoginProfile', { UserName }))}>
          Their passwords are deleted and their console sessions end. Access keys go on working.
        </Destroy>
      )
    case 'delete':
      return (
        <Destroy {...shared} act={removeUser}>
          Access keys, passwords, MFA devices, group memberships and inline policies are deleted with the users. Sessions end at once.
        </Destroy>
      )
  }
}

const past: Record<Bulk, string> = {
  groups: 'added to groups',
  policies: 'given policies',
  tags: 'tagged',
  keys: 'left without active access keys',
  console: 'left without console access',
  delete: 'deleted',
}
