import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call, moment, pages, size } from '../../api/client'
import type { User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { removeUser } from '../../entity/remove'
import { Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

export default function Users() {
  const navigate = useNavigate()
  const tell = useTell()
  const [going, setGoing] = useState<string[]>()
  const users = useLoad<User[]>(
    show => pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: size(Marker) }), out => out.Users, show),
    [],
  )
  return (
    <>
      <List
        title="Users"
        one="user"
        many="users"
        description="A user is an identity with long-term credentials of this account."
        loaded={users}
        id={u => u.UserName}
        columns={[
          { id: 'name', header: 'User name', text: u => u.UserName, cell: u => <Link to={`/users/${encodeURIComponent(u.UserName)}`}>{u.UserName}</Link> },
          { id: 'path', header: 'Path', text: u => u.Path },
          { id: 'password', header: 'Console last sign-in', text: u => date(moment(u.PasswordLastUsed)) },
          { id: 'created', header: 'Created', text: u => date(moment(u.CreateDate)) },
          { id: 'arn', header: 'ARN', text: u => u.Arn, hidden: true },
          { id: 'id', header: 'User ID', text: u => u.UserId, hidden: true },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setGoing(selected.map(u => u.UserName))}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => navigate('/users/create')}>
              Create user
            </Button>
          </>
        )}
      />
      {going && (
        <Destroy
          one="user"
          names={going}
          act={removeUser}
          close={() => setGoing(undefined)}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `User ${gone[0]} deleted.` : `${gone.length} users deleted.` })
            users.reload()
          }}
        >
          Their access keys, password, MFA devices, group memberships and inline policies are deleted with them. Sessions end at once.
        </Destroy>
      )}
    </>
  )
}
