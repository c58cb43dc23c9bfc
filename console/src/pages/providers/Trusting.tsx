import Button from '@cloudscape-design/components/button'
import { useNavigate } from 'react-router'
import { call, document, moment, pages } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Role } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Link } from '../../shell/Link'
import { Panel } from '../../shell/Panel'
import { date } from '../../shell/time'

/** Trusting are the roles that trust an identity provider. */
export function Trusting({ arn }: { arn: string }) {
  const navigate = useNavigate()
  const roles = useLoad<Role[]>(
    async () => (await pages(Marker => call('iam', 'ListRoles', { Marker, MaxItems: 1000 }), o => o.Roles)).filter(r => document(r.AssumeRolePolicyDocument).includes(`"${arn}"`)),
    [arn],
  )
  return (
    <Panel
      title="Roles that trust the provider"
      what="roles"
      loaded={roles}
      id={r => r.RoleName}
      columns={[
        { header: 'Role name', cell: r => <Link to={pageOf('Role', r.RoleName) + '?tab=trust'}>{r.RoleName}</Link> },
        { header: 'Description', cell: r => r.Description },
        { header: 'Created', cell: r => date(moment(r.CreateDate)) },
      ]}
      buttons={<Button onClick={() => navigate('/roles/create')}>Create role</Button>}
    />
  )
}
