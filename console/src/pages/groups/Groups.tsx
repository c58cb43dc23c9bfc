import Button from '@cloudscape-design/components/button'
import { useMemo, useState } from 'react'
import { call, moment, pages, size } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Group } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { removeGroup } from '../../entity/remove'
import { Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { CreateGroup } from './CreateGroup'

/** membersOf counts the users of each group, by the group's name. */
async function membersOf(): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  await pages(
    Marker => call('iam', 'GetAccountAuthorizationDetails', { Filter: ['User'], Marker, MaxItems: 1000 }),
    o => {
      for (const g of (o.UserDetailList ?? []).flatMap(u => u.GroupList ?? [])) found.set(g, (found.get(g) ?? 0) + 1)
      return []
    },
  )
  return found
}

/** Counted is a group and, once that is known, how many users it has. */
type Counted = Group & { users?: number }

export default function Groups() {
  const tell = useTell()
  const [dialog, setDialog] = useState<'create' | string[]>()
  const groups = useLoad<Group[]>(show => pages(Marker => call('iam', 'ListGroups', { Marker, MaxItems: size(Marker) }), o => o.Groups, show), [])
  // It comes when it comes; whoever may not have it sees the groups alone.
  const members = useLoad(async () => (groups.loading ? undefined : membersOf().catch(() => undefined)), [groups.loading])
  const counted = useMemo(() => groups.value?.map((g): Counted => (members.value ? { ...g, users: members.value.get(g.GroupName) ?? 0 } : g)), [groups.value, members.value])
  return (
    <>
      <List<Counted>
        title="User groups"
        one="group"
        many="groups"
        description="A group gives all of its users the same permissions."
        loaded={{ ...groups, value: counted }}
        id={g => g.GroupName}
        columns={[
          { id: 'name', header: 'Group name', text: g => g.GroupName, cell: g => <Link to={pageOf('Group', g.GroupName)}>{g.GroupName}</Link> },
          { id: 'users', header: 'Users', text: g => g.users?.toLocaleString() ?? '', order: g => g.users ?? -1, minWidth: 90 },
          { id: 'path', header: 'Path', text: g => g.Path, few: true },
          { id: 'created', header: 'Created', text: g => date(moment(g.CreateDate)), order: g => g.CreateDate, minWidth: 170 },
          { id: 'arn', header: 'ARN', text: g => g.Arn, hidden: true },
          { id: 'id', header: 'Group ID', text: g => g.GroupId, hidden: true },
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
      {dialog === 'create' && <CreateGroup users close={() => setDialog(undefined)} done={groups.reload} />}
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
