import Button from '@cloudscape-design/components/button'
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { call, document, moment, pages, size } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Role, RoleDetail, RoleLastUsed } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { linked, removeLinked, removeRole } from '../../entity/remove'
import { Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { age, date } from '../../shell/time'
import { trusted } from './trust'

type Known = Role & { used?: RoleLastUsed }

/** uses are when roles were last used, by id: ListRoles does not say it. */
async function uses(): Promise<Map<string, RoleLastUsed>> {
  const all = await pages<{ RoleDetailList?: RoleDetail[]; IsTruncated?: boolean; Marker?: string }, RoleDetail>(
    Marker => call('iam', 'GetAccountAuthorizationDetails', { Filter: ['Role'], Marker, MaxItems: 1000 }),
    o => o.RoleDetailList,
  )
  return new Map(all.map(r => [r.RoleId ?? '', r.RoleLastUsed ?? {}]))
}

export default function Roles() {
  const navigate = useNavigate()
  const tell = useTell()
  const [going, setGoing] = useState<Role[]>()
  const roles = useLoad<Role[]>(show => pages(Marker => call('iam', 'ListRoles', { Marker, MaxItems: size(Marker) }), o => o.Roles, show), [])
  const used = useLoad(() => uses().catch(() => undefined), [])
  const known = useMemo<Known[] | undefined>(() => (used.value ? roles.value?.map(r => ({ ...r, used: used.value?.get(r.RoleId) })) : roles.value), [roles.value, used.value])
  const lastUsed = (r: Known) => (r.used ? (r.used.LastUsedDate ? age(moment(r.used.LastUsedDate)) : 'None') : '')
  return (
    <>
      <List<Known>
        title="Roles"
        one="role"
        many="roles"
        description="A role has permissions and no credentials of its own. Whom it trusts takes it on for a while."
        loaded={{ ...roles, value: known }}
        id={r => r.RoleName}
        columns={[
          { id: 'name', header: 'Role name', text: r => r.RoleName, cell: r => <Link to={pageOf('Role', r.RoleName)}>{r.RoleName}</Link>, minWidth: 180 },
          { id: 'trusted', header: 'Trusted entities', text: r => trusted(document(r.AssumeRolePolicyDocument)).join(', '), minWidth: 180 },
          { id: 'used', header: 'Last activity', text: lastUsed, order: r => r.used?.LastUsedDate ?? 0, minWidth: 130 },
          { id: 'path', header: 'Path', text: r => r.Path, few: true, hidden: true },
          { id: 'created', header: 'Created', text: r => date(moment(r.CreateDate)), order: r => r.CreateDate, minWidth: 170 },
          { id: 'description', header: 'Description', text: r => r.Description ?? '', hidden: true },
          { id: 'arn', header: 'ARN', text: r => r.Arn, hidden: true },
          { id: 'id', header: 'Role ID', text: r => r.RoleId, hidden: true },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setGoing(selected)}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => navigate('/roles/create')}>
              Create role
            </Button>
          </>
        )}
      />
      {going && (
        <Destroy
          one="role"
          names={going.map(r => r.RoleName)}
          act={name => (linked(going.find(r => r.RoleName === name)?.Path ?? '') ? removeLinked(name) : removeRole(name))}
          close={() => setGoing(undefined)}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `Role ${gone[0]} deleted.` : `${gone.length} roles deleted.` })
            roles.reload()
          }}
        >
          Sessions are refused from then on.
        </Destroy>
      )}
    </>
  )
}
