import Button from '@cloudscape-design/components/button'
import { useNavigate, useParams } from 'react-router'
import { useLoad } from '../../api/load'
import { catalogue, levelOf, type Action } from '../../policy/catalogue'
import { List } from '../../shell/List'

/** actionsIn is the query of an address that names actions. */
const actionsIn = (names: string[]) => new URLSearchParams(names.map(n => ['action', n])).toString()

/**
 * Service is what a policy may say of a service: its actions, the resource types they
 * are allowed on and the condition keys they have, as in the Service Authorization
 * Reference.
 */
export default function Service() {
  const { service: prefix = '' } = useParams()
  const navigate = useNavigate()
  const service = useLoad(async () => {
    const found = await catalogue.service(prefix)
    if (!found) throw new Error(`No service has the prefix ${prefix}.`)
    return found
  }, [prefix])
  const s = service.value
  const types = new Map(s?.Resources.map(r => [r.Name, r]))
  const formats = (a: Action) => (a.Resources ?? []).flatMap(r => types.get(r.Name)?.ARNFormats ?? [])
  const keys = (a: Action) => [...new Set([...(a.ActionConditionKeys ?? []), ...(a.Resources ?? []).flatMap(r => types.get(r.Name)?.ConditionKeys ?? [])])]
  return (
    <List<Action>
      title={s?.Title ?? prefix}
      one="action"
      many="actions"
      description={`What policies may say of ${prefix}. An action without a resource type is allowed on all resources (*).`}
      loaded={{ ...service, value: s?.Actions }}
      id={a => a.Name}
      columns={[
        { id: 'action', header: 'Action', text: a => a.Name, minWidth: 220 },
        { id: 'level', header: 'Access level', text: levelOf, few: true, minWidth: 150 },
        { id: 'types', header: 'Resource types', text: a => (a.Resources ?? []).map(r => r.Name).join(', '), minWidth: 140 },
        { id: 'arns', header: 'ARNs', text: a => formats(a).join('\n'), hidden: true },
        { id: 'keys', header: 'Condition keys', text: a => keys(a).join(', '), minWidth: 240 },
      ]}
      actions={selected => {
        const chosen = actionsIn(selected.map(a => `${prefix}:${a.Name}`))
        return (
          <>
            <Button disabled={selected.length === 0} onClick={() => navigate('/simulator?' + chosen)}>
              Simulate
            </Button>
            <Button variant="primary" disabled={selected.length === 0} onClick={() => navigate('/policies/create?' + chosen)}>
              Create policy
            </Button>
          </>
        )
      }}
    />
  )
}
