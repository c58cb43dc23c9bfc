import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call, moment, pages } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Boundary } from '../../entity/Boundary'
import { Effective } from '../../entity/Effective'
import { History } from '../../entity/History'
import { LastAccessed } from '../../entity/LastAccessed'
import { Permissions } from '../../entity/Permissions'
import { removeUser } from '../../entity/remove'
import { Tags } from '../../entity/Tags'
import { Ask, Bulk, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { ChooseGroups } from './Choose'
import { Credentials } from './Credentials'

export default function UserPage() {
  const name = useParams().name ?? ''
  const navigate = useNavigate()
  const tell = useTell()
  const [dialog, setDialog] = useState<'edit' | 'delete'>()
  const user = useLoad(async () => (await call('iam', 'GetUser', { UserName: name })).User, [name])
  const u = user.value
  if (user.error) return <Page title={name} summary={<Failure error={user.error} what={`user ${name}`} name={name} retry={user.reload} />} />
  const boundary = u?.PermissionsBoundary?.PermissionsBoundaryArn
  return (
    <>
      <Page
        title={name}
        actions={
          <>
            <Button disabled={!u} onClick={() => navigate(`/simulator?principal=${encodeURIComponent(u?.Arn ?? '')}`)}>
              Simulate
            </Button>
            <Button disabled={!u} onClick={() => setDialog('edit')}>
              Edit
            </Button>
            <Button onClick={() => setDialog('delete')}>Delete</Button>
          </>
        }
        summary={
          u && (
            <Container>
              <KeyValuePairs
                columns={4}
                items={[
                  { label: 'ARN', value: <Copy text={u.Arn} /> },
                  { label: 'User ID', value: <Copy text={u.UserId} /> },
                  { label: 'Created', value: date(moment(u.CreateDate)) },
                  { label: 'Console last sign-in', value: date(moment(u.PasswordLastUsed)) || 'Never' },
                ]}
              />
            </Container>
          )
        }
        tabs={[
          {
            id: 'permissions',
            label: 'Permissions',
            content: (
              <SpaceBetween size="l">
                <Permissions kind="User" name={name} />
                <Boundary kind="User" name={name} arn={boundary} changed={user.reload} />
                <Effective kind="User" name={name} boundary={boundary} />
              </SpaceBetween>
            ),
          },
          { id: 'groups', label: 'Groups', content: <Groups name={name} /> },
          { id: 'tags', label: 'Tags', content: <Tags word="User" target={{ UserName: name }} /> },
          { id: 'credentials', label: 'Security credentials', content: <Credentials name={name} arn={u?.Arn} /> },
          { id: 'accessed', label: 'Last accessed', content: u?.Arn && <LastAccessed arn={u.Arn} /> },
          { id: 'history', label: 'History', content: u?.Arn && <History entity={u.Arn} /> },
        ]}
      />
      {dialog === 'edit' && u && (
        <Edit
          user={u}
          close={() => setDialog(undefined)}
          done={renamed => {
            tell({ type: 'success', content: `User ${renamed} saved.` })
            if (renamed === name) user.reload()
            else navigate(pageOf('User', renamed), { replace: true })
          }}
        />
      )}
      {dialog === 'delete' && (
        <Destroy
          one="user"
          names={[name]}
          act={removeUser}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: `User ${name} deleted.` })
            navigate('/users')
          }}
        >
          Access keys, password, MFA devices, group memberships and inline policies are deleted with the user. Sessions end at once.
        </Destroy>
      )}
    </>
  )
}

function Edit({ user, close, done }: { user: User; close: () => void; done: (name: string) => void }) {
  const [name, setName] = useState(user.UserName)
  const [path, setPath] = useState(user.Path)
  return (
    <Ask
      title={`Edit ${user.UserName}`}
      submit="Save"
      ready={name !== '' && /^\/(?:.*\/)?$/.test(path) && (name !== user.UserName || path !== user.Path)}
      close={close}
      act={async () => {
        await call('iam', 'UpdateUser', {
          UserName: user.UserName,
          NewUserName: name === user.UserName ? undefined : name,
          NewPath: path === user.Path ? undefined : path,
        })
        done(name)
      }}
    >
      <FormField label="User name" description="The ARN changes with it: policies and trust policies that name the user do not follow.">
        <Input value={name} onChange={e => setName(e.detail.value)} autoFocus disableBrowserAutocorrect />
      </FormField>
      <FormField label="Path" constraintText="Begins and ends with a slash">
        <Input value={path} onChange={e => setPath(e.detail.value)} disableBrowserAutocorrect />
      </FormField>
    </Ask>
  )
}

function Groups({ name }: { name: string }) {
  const tell = useTell()
  const [dialog, setDialog] = useState<'add' | string[]>()
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([])
  const groups = useLoad(() => pages(Marker => call('iam', 'ListGroupsForUser', { UserName: name, Marker }), o => o.Groups), [name])
  const shared = {
    one: 'group',
    close: () => {
      setDialog(undefined)
      setChosen([])
    },
  }
  return (
    <>
      <Panel
        title="Group memberships"
        what="groups"
        description="A user can be in ten groups."
        loaded={groups}
        id={g => g.GroupName}
        columns={[
          { header: 'Group name', cell: g => <Link to={pageOf('Group', g.GroupName)}>{g.GroupName}</Link> },
          { header: 'ARN', cell: g => g.Arn },
        ]}
        actions={selected => (
          <>
            {selected.length > 0 && <Button onClick={() => setDialog(selected.map(g => g.GroupName))}>Remove</Button>}
            <Button onClick={() => setDialog('add')}>Add to groups</Button>
          </>
        )}
      />
      {Array.isArray(dialog) && (
        <Bulk
          {...shared}
          title={`Remove ${name} from ${dialog.length === 1 ? dialog[0] : `${dialog.length} groups`}?`}
          submit="Remove"
          names={dialog}
          act={GroupName => call('iam', 'RemoveUserFromGroup', { UserName: name, GroupName })}
          done={gone => {
            tell({ type: 'success', content: `${name} removed from ${gone.join(', ')}.` })
            groups.reload()
          }}
        >
          What the groups grant is taken from {name} at once.
        </Bulk>
      )}
      {dialog === 'add' && (
        <Bulk
          {...shared}
          title={`Add ${name} to groups`}
          submit="Add"
          ready={chosen.length > 0}
          names={chosen.map(g => g.value ?? '')}
          act={GroupName => call('iam', 'AddUserToGroup', { UserName: name, GroupName })}
          done={added => {
            tell({ type: 'success', content: `${name} added to ${added.join(', ')}.` })
            groups.reload()
          }}
        >
          <FormField label="Groups">
            <ChooseGroups chosen={chosen} set={setChosen} without={(groups.value ?? []).map(g => g.GroupName)} />
          </FormField>
        </Bulk>
      )}
    </>
  )
}
