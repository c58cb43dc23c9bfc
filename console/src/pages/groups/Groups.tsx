import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
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
