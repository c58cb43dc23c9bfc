import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Input from '@cloudscape-design/components/input'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call, moment, pages } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Group, User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Effective } from '../../entity/Effective'
import { Permissions } from '../../entity/Permissions'
import { History } from '../../entity/History'
import { LastAccessed } from '../../entity/LastAccessed'
import { removeGroup } from '../../entity/remove'
import { Ask, Bulk, Destroy, Names } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { ChooseUsers } from '../users/Choose'

async function load(GroupName: string): Promise<{ group: Group; users: User[] }> {
  let group: Group | undefined
  const users = await pages(
    async Marker => {
      const out = await call('iam', 'GetGroup', { GroupName, Marker, MaxItems: 1000 })
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
  const [dialog, setDialog] = useState<'delete' | 'edit' | 'add' | string[]>()
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([])
  const shut = () => {
    setDialog(undefined)
    setChosen([])
  }
  const loaded = useLoad(() => load(name), [name])
  const g = loaded.value?.group
  if (loaded.error) return <Page title={name} summary={<Failure error={loaded.error} what={`group ${name}`} name={name} retry={loaded.reload} />} />
  return (
    <>
      <Page
        title={name}
        actions={
          <>
            <Button disabled={!g} onClick={() => setDialog('edit')}>
              Edit
            </Button>
            <Button onClick={() => setDialog('delete')}>Delete</Button>
          </>
        }
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
                    {selected.length > 0 && <Button onClick={() => setDialog(selected.map(u => u.UserName))}>Remove</Button>}
                    <Button onClick={() => setDialog('add')}>Add users</Button>
                  </>
                )}
              />
            ),
          },
          { id: 'permissions', label: 'Permissions', content: (
              <SpaceBetween size="l">
                <Permissions kind="Group" name={name} />
                <Effective kind="Group" name={name} />
              </SpaceBetween>
            ) },
          { id: 'accessed', label: 'Last accessed', content: g?.Arn && <LastAccessed arn={g.Arn} /> },
          { id: 'history', label: 'History', content: g?.Arn && <History entity={g.Arn} /> },
        ]}
      />
      {Array.isArray(dialog) && (
        <Bulk
          title={`Remove ${dialog.length === 1 ? dialog[0] : `${dialog.length} users`} from ${name}?`}
          submit="Remove"
          one="user"
          names={dialog}
          act={UserName => call('iam', 'RemoveUserFromGroup', { GroupName: name, UserName })}
          close={shut}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `${gone[0]} removed.` : `${gone.length} users removed.` })
            loaded.reload()
          }}
        >
          They lose what the group grants, at once.
          {dialog.length > 1 && <Names names={dialog} />}
        </Bulk>
      )}
      {dialog === 'add' && (
        <Bulk
          title={`Add users to ${name}`}
          submit="Add users"
          one="user"
          names={chosen.map(u => u.value ?? '')}
          ready={chosen.length > 0}
          act={UserName => call('iam', 'AddUserToGroup', { GroupName: name, UserName })}
          close={shut}
          done={added => {
            tell({ type: 'success', content: added.length === 1 ? `${added[0]} added.` : `${added.length} users added.` })
            loaded.reload()
          }}
        >
          <FormField label="Users">
            <ChooseUsers chosen={chosen} set={setChosen} without={(loaded.value?.users ?? []).map(u => u.UserName)} />
          </FormField>
        </Bulk>
      )}
      {dialog === 'edit' && g && (
        <Edit
          group={g}
          close={shut}
          done={renamed => {
            tell({ type: 'success', content: `Group ${renamed} saved.` })
            if (renamed === name) loaded.reload()
            else navigate(pageOf('Group', renamed), { replace: true })
          }}
        />
      )}
      {dialog === 'delete' && (
        <Destroy
          one="group"
          names={[name]}
          act={removeGroup}
          close={shut}
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

function Edit({ group, close, done }: { group: Group; close: () => void; done: (name: string) => void }) {
  const [name, setName] = useState(group.GroupName)
  const [path, setPath] = useState(group.Path)
  return (
    <Ask
      title={`Edit ${group.GroupName}`}
      submit="Save"
      ready={name !== '' && /^\/(?:.*\/)?$/.test(path) && (name !== group.GroupName || path !== group.Path)}
      close={close}
      act={async () => {
        await call('iam', 'UpdateGroup', {
          GroupName: group.GroupName,
          NewGroupName: name === group.GroupName ? undefined : name,
          NewPath: path === group.Path ? undefined : path,
        })
        done(name)
      }}
    >
      <FormField label="Group name">
        <Input value={name} onChange={e => setName(e.detail.value)} autoFocus disableBrowserAutocorrect />
      </FormField>
      <FormField label="Path" constraintText="Begins and ends with a slash">
        <Input value={path} onChange={e => setPath(e.detail.value)} disableBrowserAutocorrect />
      </FormField>
    </Ask>
  )
}
