import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call, document, moment, pages, size } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Role } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { removeRole } from '../../entity/remove'
import { Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { trusted } from './trust'

export default function Roles() {
  const navigate = useNavigate()
  const tell = useTell()
  const [going, setGoing] = useState<string[]>()
  const roles = useLoad<Role[]>(show => pages(Marker => call('iam', 'ListRoles', { Marker, MaxItems: size(Marker) }), o => o.Roles, show), [])
  return (
    <>
      <List
        title="Roles"
        one="role"
        many="roles"
        description="A role has permissions and no credentials of its own. Whom it trusts takes it on for a while."
        loaded={roles}
        id={r => r.RoleName}
        columns={[
          { id: 'name', header: 'Role name', text: r => r.RoleName, cell: r => <Link to={pageOf('Role', r.RoleName)}>{r.RoleName}</Link> },
          { id: 'trusted', header: 'Trusted entities', text: r => trusted(document(r.AssumeRolePolicyDocument)).join(', ') },
          { id: 'path', header: 'Path', text: r => r.Path },
          { id: 'created', header: 'Created', text: r => date(moment(r.CreateDate)) },
          { id: 'description', header: 'Description', text: r => r.Description ?? '', hidden: true },
          { id: 'arn', header: 'ARN', text: r => r.Arn, hidden: true },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setGoing(selected.map(r => r.RoleName))}>
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
          names={going}
          act={removeRole}
          close={() => setGoing(undefined)}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `Role ${gone[0]} deleted.` : `${gone.length} roles deleted.` })
            roles.reload()
          }}
        >
          Its sessions are refused from then on.
        </Destroy>
      )}
    </>
  )
}
