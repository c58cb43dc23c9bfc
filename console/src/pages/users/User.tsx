import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call, moment, pages } from '../../api/client'
import { pageOf } from '../../api/iam'
import { useLoad } from '../../api/load'
import { Boundary, Permissions } from '../../entity/Permissions'
import { History } from '../../entity/History'
import { removeUser } from '../../entity/remove'
import { Tags } from '../../entity/Tags'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { Credentials } from './Credentials'

export default function UserPage() {
  const name = useParams().name ?? ''
  const navigate = useNavigate()
  const tell = useTell()
  const [going, setGoing] = useState(false)
  const user = useLoad(async () => (await call('iam', 'GetUser', { UserName: name })).User, [name])
  const u = user.value
  if (user.error) return <Failure error={user.error} what={`user ${name}`} retry={user.reload} />
  return (
    <>
      <Page
        title={name}
        actions={<Button onClick={() => setGoing(true)}>Delete</Button>}
        summary={
          u && (
            <Container>
              <KeyValuePairs
                columns={4}
                items={[
                  { label: 'ARN', value: <Copy text={u.Arn} /> },
                  { label: 'User ID', value: u.UserId },
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
                <Boundary kind="User" name={name} arn={u?.PermissionsBoundary?.PermissionsBoundaryArn} changed={user.reload} />
              </SpaceBetween>
            ),
          },
          { id: 'groups', label: 'Groups', content: <Groups name={name} /> },
          { id: 'tags', label: 'Tags', content: <Tags word="User" target={{ UserName: name }} /> },
          { id: 'credentials', label: 'Security credentials', content: <Credentials name={name} /> },
          { id: 'history', label: 'History', content: u?.Arn && <History entity={u.Arn} /> },
        ]}
      />
      {going && (
        <Destroy
          one="user"
          names={[name]}
          act={removeUser}
          close={() => setGoing(false)}
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

function Groups({ name }: { name: string }) {
  const tell = useTell()
  const [adding, setAdding] = useState(false)
  const groups = useLoad(() => pages(Marker => call('iam', 'ListGroupsForUser', { UserName: name, Marker }), o => o.Groups), [name])
  return (
    <>
      <Panel
        title="Group memberships"
        what="groups"
        loaded={groups}
        id={g => g.GroupName}
        columns={[
          { header: 'Group name', cell: g => <Link to={pageOf('Group', g.GroupName)}>{g.GroupName}</Link> },
          { header: 'ARN', cell: g => g.Arn },
        ]}
        actions={selected => (
          <>
            <Button
              disabled={selected.length === 0}
              onClick={async () => {
                for (const g of selected)
                  await call('iam', 'RemoveUserFromGroup', { UserName: name, GroupName: g.GroupName }).then(
                    () => tell({ type: 'success', content: `Removed from ${g.GroupName}.` }),
                    (e: Error) => tell({ type: 'error', header: `Not removed from ${g.GroupName}`, content: e.message }),
                  )
                groups.reload()
              }}
            >
              Remove
            </Button>
            <Button onClick={() => setAdding(true)}>Add to groups</Button>
          </>
        )}
      />
      {adding && <AddToGroups name={name} has={(groups.value ?? []).map(g => g.GroupName)} close={() => setAdding(false)} done={groups.reload} />}
    </>
  )
}

function AddToGroups(props: { name: string; has: string[]; close: () => void; done: () => void }) {
  const tell = useTell()
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([])
  return (
    <Ask
      title={`Add ${props.name} to groups`}
      submit="Add"
      ready={chosen.length > 0}
      close={props.close}
      act={async () => {
        for (const g of chosen) await call('iam', 'AddUserToGroup', { UserName: props.name, GroupName: g.value ?? '' })
        tell({ type: 'success', content: `Added to ${chosen.map(g => g.label).join(', ')}.` })
        props.done()
      }}
    >
      <ChooseGroups chosen={chosen} set={setChosen} without={props.has} />
    </Ask>
  )
}

/** ChooseGroups is the choice of the account's groups. */
export function ChooseGroups({ chosen, set, without }: { chosen: readonly MultiselectProps.Option[]; set: (o: readonly MultiselectProps.Option[]) => void; without?: string[] }) {
  const groups = useLoad(() => pages(Marker => call('iam', 'ListGroups', { Marker, MaxItems: 1000 }), o => o.Groups), [])
  if (groups.error) return <Failure error={groups.error} what="groups" retry={groups.reload} />
  return (
    <Multiselect
      selectedOptions={chosen}
      onChange={e => set(e.detail.selectedOptions)}
      options={(groups.value ?? []).filter(g => !without?.includes(g.GroupName)).map(g => ({ value: g.GroupName, label: g.GroupName, description: g.Arn }))}
      statusType={groups.loading ? 'loading' : 'finished'}
      filteringType="auto"
      placeholder="Choose groups"
      empty="No other groups"
      ariaLabel="Groups"
      deselectAriaLabel={o => `Leave out ${o.label}`}
    />
  )
}
