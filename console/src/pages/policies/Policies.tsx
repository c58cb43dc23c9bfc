import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call, moment, pages } from '../../api/client'
import { managed, policyPage } from '../../api/iam'
import type { Policy } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { removePolicy } from '../../entity/remove'
import { Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

const type = (p: Policy) => (managed(p.Arn ?? '') ? 'AWS managed' : 'Customer managed')

export default function Policies() {
  const navigate = useNavigate()
  const tell = useTell()
  const [going, setGoing] = useState<Policy[]>()
  const policies = useLoad<Policy[]>(show => pages(Marker => call('iam', 'ListPolicies', { Marker, MaxItems: 1000 }), o => o.Policies, show), [])
  return (
    <>
      <List
        title="Policies"
        one="policy"
        many="policies"
        description="A managed policy is a document of permissions that can be attached to many users, groups and roles."
        loaded={policies}
        id={p => p.Arn ?? ''}
        columns={[
          { id: 'name', header: 'Policy name', text: p => p.PolicyName ?? '', cell: p => <Link to={policyPage(p.Arn ?? '')}>{p.PolicyName}</Link> },
          { id: 'type', header: 'Type', text: type, minWidth: 160 },
          { id: 'used', header: 'Used as', text: p => uses(p) },
          { id: 'description', header: 'Description', text: p => p.Description ?? '' },
          { id: 'updated', header: 'Edited', text: p => date(moment(p.UpdateDate)), hidden: true },
          { id: 'arn', header: 'ARN', text: p => p.Arn ?? '', hidden: true },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0 || selected.some(p => managed(p.Arn ?? ''))} onClick={() => setGoing(selected)}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => navigate('/policies/create')}>
              Create policy
            </Button>
          </>
        )}
      />
      {going && (
        <Destroy
          one="policy"
          names={going.map(p => p.PolicyName ?? '')}
          act={name => removePolicy(going.find(p => p.PolicyName === name)?.Arn ?? '')}
          close={() => setGoing(undefined)}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `Policy ${gone[0]} deleted.` : `${gone.length} policies deleted.` })
            policies.reload()
          }}
        >
          All of its versions are deleted. A policy that is attached can't be deleted.
        </Destroy>
      )}
    </>
  )
}

function uses(p: Policy): string {
  const all = []
  if (p.AttachmentCount) all.push(`Permissions policy (${p.AttachmentCount})`)
  if (p.PermissionsBoundaryUsageCount) all.push(`Boundary (${p.PermissionsBoundaryUsageCount})`)
  return all.join(', ') || 'None'
}
