import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { call } from '../../api/client'
import { ChoosePolicies } from '../../entity/ChoosePolicies'
import { Ask } from '../../shell/Confirm'
import { each } from '../../shell/each'
import { useTell } from '../../shell/notices'
import { ChooseUsers } from '../users/Choose'

const valid = /^[\w+=,.@-]{1,128}$/

/** CreateGroup makes a group with users and policies. users says that they can be chosen. */
export function CreateGroup({ users, close, done }: { users?: boolean; close: () => void; done: (name: string) => void }) {
  const tell = useTell()
  const [name, setName] = useState('')
  const [members, setMembers] = useState<readonly MultiselectProps.Option[]>([])
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  return (
    <Ask
      title="Create group"
      submit="Create group"
      size="large"
      ready={valid.test(name)}
      close={close}
      act={async () => {
        await call('iam', 'CreateGroup', { GroupName: name })
        const added = await each(members.map(m => m.value ?? ''), UserName => call('iam', 'AddUserToGroup', { GroupName: name, UserName }), () => {})
        const attached = await each(policies.map(p => p.value ?? ''), PolicyArn => call('iam', 'AttachGroupPolicy', { GroupName: name, PolicyArn }), () => {})
        for (const [user, e] of added.failed) tell({ type: 'error', header: `${user} was not added`, content: e.message })
        for (const [arn, e] of attached.failed) tell({ type: 'error', header: `${arn} was not attached`, content: e.message })
        tell({ type: 'success', content: `Group ${name} created.` })
        done(name)
      }}
    >
      <FormField label="Group name" constraintText="Up to 128 letters, digits and + = , . @ _ -" errorText={name !== '' && !valid.test(name) && 'Other characters are not taken.'}>
        <Input value={name} onChange={e => setName(e.detail.value)} autoFocus disableBrowserAutocorrect />
      </FormField>
      {users && (
        <FormField label="Users – optional">
          <ChooseUsers chosen={members} set={setMembers} />
        </FormField>
      )}
      <ChoosePolicies chosen={policies} set={setPolicies} optional />
    </Ask>
  )
}
