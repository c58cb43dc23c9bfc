import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call, moment, pages } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Group, User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Permissions } from '../../entity/Permissions'
import { History } from '../../entity/History'
import { removeGroup } from '../../entity/remove'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

async function load(GroupName: string): Promise<{ group: Group; users: User[] }> {
  let group: Group | undefined
  const users = await pages(
    async Marker => {
      const out = await call('iam', 'GetGroup', { GroupName, Marker })
      group = out.Group
      return out
    },
    o => o.Users,
  )
  return { group: group!, users }
}

export default function GroupPage() {
  const name = useParams().name ?? ''
  const navigate = useNavigate()
  const tell = useTell()
  const [dialog, setDialog] = useState<'delete' | 'add'>()
  const loaded = useLoad(() => load(name), [name])
  const g = loaded.value?.group
  if (loaded.error) return <Failure error={loaded.error} what={`group ${name}`} retry={loaded.reload} />
  const remove = async (users: User[]) => {
    for (const u of users)
      await call('iam', 'RemoveUserFromGroup', { GroupName: name, UserName: u.UserName }).then(
        () => tell({ type: 'success', content: `${u.UserName} removed.` }),
        (e: Error) => tell({ type: 'error', header: `${u.UserName} was not removed`, content: e.message }),
      )
    loaded.reload()
  }
  return (
    <>
      <Page
        title={name}
        actions={<Button onClick={() => setDialog('delete')}>Delete</Button>}
        summary={
          g && (
            <Container>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: 'ARN', value: <Copy text={g.Arn} /> },
                  { label: 'Group ID', value: g.GroupId },
                  { label: 'Created', value: date(moment(g.CreateDate)) },
                ]}
              />
            </Container>
          )
        }
        tabs={[
          {
            id: 'users',
            label: 'Users',
            content: (
              <Panel
                title="Users in this group"
                what="users"
                loaded={{ ...loaded, value: loaded.value?.users }}
                id={u => u.UserName}
                columns={[
                  { header: 'User name', cell: u => <Link to={pageOf('User', u.UserName)}>{u.UserName}</Link> },
                  { header: 'Created', cell: u => date(moment(u.CreateDate)) },
                ]}
                actions={selected => (
                  <>
                    <Button disabled={selected.length === 0} onClick={() => remove(selected)}>
                      Remove
                    </Button>
                    <Button onClick={() => setDialog('add')}>Add users</Button>
                  </>
                )}
              />
            ),
          },
          { id: 'permissions', label: 'Permissions', content: <Permissions kind="Group" name={name} /> },
          { id: 'history', label: 'History', content: g?.Arn && <History entity={g.Arn} /> },
        ]}
      />
      {dialog === 'add' && <AddUsers name={name} has={(loaded.value?.users ?? []).map(u => u.UserName)} close={() => setDialog(undefined)} done={loaded.reload} />}
      {dialog === 'delete' && (
        <Destroy
          one="group"
          names={[name]}
          act={removeGroup}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: `Group ${name} deleted.` })
            navigate('/groups')
          }}
        >
          Its users lose what it grants, at once. The users themselves stay.
        </Destroy>
      )}
    </>
  )
}

function AddUsers(props: { name: string; has: string[]; close: () => void; done: () => void }) {
  const tell = useTell()
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([])
  const users = useLoad(() => pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: 1000 }), o => o.Users), [])
  return (
    <Ask
      title={`Add users to ${props.name}`}
      submit="Add users"
      ready={chosen.length > 0}
      close={props.close}
      act={async () => {
        for (const u of chosen) await call('iam', 'AddUserToGroup', { GroupName: props.name, UserName: u.value ?? '' })
        tell({ type: 'success', content: `${chosen.map(u => u.label).join(', ')} added.` })
        props.done()
      }}
    >
      {users.error && <Failure error={users.error} what="users" retry={users.reload} />}
      <FormField label="Users">
        <Multiselect
          selectedOptions={chosen}
          onChange={e => setChosen(e.detail.selectedOptions)}
          options={(users.value ?? []).filter(u => !props.has.includes(u.UserName)).map(u => ({ value: u.UserName, label: u.UserName }))}
          statusType={users.loading ? 'loading' : 'finished'}
          filteringType="auto"
          virtualScroll
          placeholder="Choose users"
          ariaLabel="Users"
          deselectAriaLabel={o => `Leave out ${o.label}`}
        />
      </FormField>
    </Ask>
  )
}
