import { call, moment, pages } from '../../api/client'
import type { User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { date } from '../../shell/time'

export default function Users() {
  const users = useLoad<User[]>(
    show => pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: 1000 }), out => out.Users, show),
    [],
  )
  return (
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
      ]}
    />
  )
}
