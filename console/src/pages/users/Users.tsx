import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { call, moment, pages, size } from '../../api/client'
import { credentialReport } from '../../api/credentialReport'
import type { User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { age, date } from '../../shell/time'
import { BulkAction, bulkActions, type Bulk } from './BulkAction'
import { join, type Known } from './facts'

const ago = (ms: number | undefined) => (ms === undefined ? '' : age(new Date(ms)))

export default function Users() {
  const navigate = useNavigate()
  const [bulk, setBulk] = useState<{ action: Bulk; names: string[] }>()
  const users = useLoad<User[]>(show => pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: size(Marker) }), out => out.Users, show), [])
  // It comes when it comes; whoever may not have it sees what the list itself says.
  const report = useLoad(() => credentialReport().catch(() => undefined), [])
  const known = useMemo(() => users.value && join(users.value, report.value?.entries), [users.value, report.value])
  return (
    <>
      <List<Known>
        title="Users"
        one="user"
        many="users"
        description={`A user is an identity with long-term credentials of this account.${report.value ? ` MFA, passwords, keys and activity are those of the credential report of ${date(report.value.made)}.` : ''}`}
        loaded={{ ...users, value: known }}
        id={u => u.UserName}
        columns={[
          { id: 'name', header: 'User name', text: u => u.UserName, cell: u => <Link to={`/users/${encodeURIComponent(u.UserName)}`}>{u.UserName}</Link>, minWidth: 160 },
          { id: 'path', header: 'Path', text: u => u.Path, few: true },
          { id: 'mfa', header: 'MFA', text: u => (u.facts ? (u.facts.mfa ? 'Yes' : 'No') : ''), few: true },
          { id: 'active', header: 'Last activity', text: u => (u.facts ? ago(u.facts.active) || 'Never' : ''), order: u => u.facts?.active ?? 0, minWidth: 130 },
          { id: 'key', header: 'Active key made', text: u => ago(u.facts?.key), order: u => u.facts?.key ?? Infinity, minWidth: 140 },
          { id: 'console', header: 'Console access', text: u => (u.facts ? (u.facts.password ? 'Yes' : 'No') : ''), few: true, hidden: true },
          { id: 'set', header: 'Password set', text: u => ago(u.facts?.passwordSet), order: u => u.facts?.passwordSet ?? Infinity, hidden: true },
          { id: 'password', header: 'Console last sign-in', text: u => date(moment(u.PasswordLastUsed)), order: u => u.PasswordLastUsed ?? 0, minWidth: 170 },
          { id: 'created', header: 'Created', text: u => date(moment(u.CreateDate)), order: u => u.CreateDate, minWidth: 170, hidden: true },
          { id: 'arn', header: 'ARN', text: u => u.Arn, hidden: true },
          { id: 'id', header: 'User ID', text: u => u.UserId, hidden: true },
        ]}
        actions={selected => (
          <>
            <ButtonDropdown
              disabled={selected.length === 0}
              items={bulkActions}
              onItemClick={e => setBulk({ action: e.detail.id as Bulk, names: selected.map(u => u.UserName) })}
            >
              Actions
            </ButtonDropdown>
            <Button variant="primary" onClick={() => navigate('/users/create')}>
              Create user
            </Button>
          </>
        )}
      />
      {bulk && <BulkAction {...bulk} close={() => setBulk(undefined)} done={users.reload} />}
    </>
  )
}
