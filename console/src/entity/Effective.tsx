import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import { useState } from 'react'
import { pageOf, policyPage, type Kind } from '../api/iam'
import { useLoad } from '../api/load'
import { summarize, type Row } from '../pages/policies/summarize'
import { Link } from '../shell/Link'
import { Panel } from '../shell/Panel'
import { effective, managedText, textOf, type Granted } from './granted'

/** Line is what one policy says of a service, and how the entity comes by it. */
interface Line extends Row {
  policy: Granted
  boundary: boolean
}

async function lines(kind: Kind, name: string, boundary: string | undefined): Promise<Line[]> {
  const own = await effective(kind, name)
  const all = await Promise.all([
    ...own.map(async policy => (summarize(await textOf(kind, name, policy)) ?? []).map(r => ({ ...r, policy, boundary: false }))),
    ...(boundary ? [managedText(boundary).then(text => (summarize(text) ?? []).map(r => ({ ...r, policy: { name: boundary.replace(/^.*\//, ''), type: 'Customer managed' as const, arn: boundary }, boundary: true })))] : []),
  ])
  const rank = (l: Line) => (l.boundary ? 2 : l.effect === 'Deny' ? 0 : 1)
  return all.flat().sort((a, b) => a.service.localeCompare(b.service) || rank(a) - rank(b))
}

/** Effective is what an entity's policies say together, service by service, and by which of them. */
export function Effective({ kind, name, boundary }: { kind: Kind; name: string; boundary?: string }) {
  const [shown, setShown] = useState(false)
  return shown ? (
    <Table kind={kind} name={name} boundary={boundary} />
  ) : (
    <Container
      header={
        <Header variant="h2" description="What all of these policies say together, by service and source." actions={<Button onClick={() => setShown(true)}>Show effective permissions</Button>}>
          Effective permissions
        </Header>
      }
    />
  )
}

function Table({ kind, name, boundary }: { kind: Kind; name: string; boundary?: string }) {
  const loaded = useLoad(() => lines(kind, name, boundary), [kind, name, boundary])
  return (
    <Panel
      title="Effective permissions"
      what="permissions"
      description="A deny of any policy outweighs every allow. Of what is allowed, only what the boundary names too is permitted."
      loaded={loaded}
      id={l => `${l.service} ${l.effect} ${l.policy.name} ${l.policy.group ?? ''} ${l.boundary}`}
      columns={[
        { header: 'Service', cell: l => l.service },
        { header: 'Effect', cell: l => <Badge color={l.boundary ? 'grey' : l.effect === 'Deny' ? 'red' : 'green'}>{l.boundary ? `Boundary: ${l.effect.toLowerCase()}` : l.effect}</Badge> },
        {
          header: 'By',
          cell: l => (
            <>
              {l.policy.arn ? <Link to={policyPage(l.policy.arn)}>{l.policy.name}</Link> : l.policy.name}
              {l.policy.group && (
                <>
                  {' '}
                  of group <Link to={pageOf('Group', l.policy.group)}>{l.policy.group}</Link>
                </>
              )}
            </>
          ),
        },
        { header: 'Actions', cell: l => l.actions },
        { header: 'Resources', cell: l => l.resources },
        { header: 'Conditions', cell: l => l.conditions || 'None' },
      ]}
    />
  )
}
