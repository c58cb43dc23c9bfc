import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { call, moment, pages, size } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Group } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { ChoosePolicies } from '../../entity/Permissions'
import { removeGroup } from '../../entity/remove'
import { Ask, Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

export default function Groups() {
  const tell = useTell()
  const [dialog, setDialog] = useState<'create' | string[]>()
  const groups = useLoad<Group[]>(show => pages(Marker => call('iam', 'ListGroups', { Marker, MaxItems: size(Marker) }), o => o.Groups, show), [])
  return (
    <>
      <List
        title="User groups"
        one="group"
        many="groups"
        description="A group gives all of its users the same permissions."
        loaded={groups}
        id={g => g.GroupName}
        columns={[
          { id: 'name', header: 'Group name', text: g => g.GroupName, cell: g => <Link to={pageOf('Group', g.GroupName)}>{g.GroupName}</Link> },
          { id: 'path', header: 'Path', text: g => g.Path },
          { id: 'created', header: 'Created', text: g => date(moment(g.CreateDate)) },
          { id: 'arn', header: 'ARN', text: g => g.Arn, hidden: true },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setDialog(selected.map(g => g.GroupName))}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create group
            </Button>
          </>
        )}
      />
      {dialog === 'create' && <CreateGroup close={() => setDialog(undefined)} done={groups.reload} />}
      {Array.isArray(dialog) && (
        <Destroy
          one="group"
          names={dialog}
          act={removeGroup}
          close={() => setDialog(undefined)}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `Group ${gone[0]} deleted.` : `${gone.length} groups deleted.` })
            groups.reload()
          }}
        >
          Its users lose what it grants, at once. The users themselves stay.
        </Destroy>
      )}
    </>
  )
}

function CreateGroup(props: { close: () => void; done: () => void }) {
  const tell = useTell()
  const [name, setName] = useState('')
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  return (
    <Ask
      title="Create group"
      submit="Create group"
      size="large"
      ready={name !== ''}
      close={props.close}
      act={async () => {
        await call('iam', 'CreateGroup', { GroupName: name })
        props.done()
        for (const p of policies)
          await call('iam', 'AttachGroupPolicy', { GroupName: name, PolicyArn: p.value ?? '' }).catch((e: Error) =>
            tell({ type: 'error', header: `${p.label} was not attached`, content: e.message }),
          )
        tell({ type: 'success', content: `Group ${name} created.` })
      }}
    >
      <FormField label="Group name" constraintText="Up to 128 letters, digits and + = , . @ _ -">
        <Input value={name} onChange={e => setName(e.detail.value)} autoFocus />
      </FormField>
      <ChoosePolicies chosen={policies} set={setPolicies} />
    </Ask>
  )
}
