import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { moment } from '../api/client'
import type { EntityDetails, ServiceLastAccessed } from '../api/iam.gen'
import { entitiesOf, lastAccessed, service } from '../api/lastAccessed'
import { useLoad } from '../api/load'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { Panel } from '../shell/Panel'
import { date } from '../shell/time'
import { principalName } from '../shell/session'
import { pageOfARN } from './pageOfARN'

/**
 * LastAccessed is the access advisor of a user, group, role or policy: the services
 * that its policies reach, and when each was last used. What was never used can be
 * taken away.
 */
export function LastAccessed({ arn }: { arn: string }) {
  const [shown, setShown] = useState<ServiceLastAccessed>()
  const report = useLoad(() => lastAccessed(arn), [arn])
  const services = report.value && [...report.value.services].sort((a, b) => (b.LastAuthenticated ?? 0) - (a.LastAuthenticated ?? 0) || a.ServiceName.localeCompare(b.ServiceName))
  return (
    <>
      <Panel
        title="Last accessed"
        what="services that policies allow"
        description="The services that are allowed here, and when each was last asked for, whatever the answer was."
        loaded={{ ...report, value: services }}
        id={s => s.ServiceNamespace}
        columns={[
          { header: 'Service', cell: s => <Button variant="inline-link" onClick={() => setShown(s)}>{s.ServiceName}</Button> },
          { header: 'Last accessed', cell: s => (s.LastAuthenticated ? date(moment(s.LastAuthenticated)) : <Badge>Never</Badge>) },
          { header: 'By', cell: s => <By arn={s.LastAuthenticatedEntity} /> },
          { header: 'Region', cell: s => s.LastAuthenticatedRegion },
          { header: 'Entities', cell: s => String(s.TotalAuthenticatedEntities ?? 0) },
        ]}
      />
      {shown && report.value && <Detail job={report.value.job} of={shown} close={() => setShown(undefined)} />}
    </>
  )
}

/** By links to whoever used a service last. */
function By({ arn }: { arn?: string }) {
  if (!arn) return null
  const page = pageOfARN(arn)
  return page ? <Link to={page}>{principalName(arn)}</Link> : <>{principalName(arn)}</>
}

/** Detail is who used one service, and which of its actions. */
function Detail({ job, of, close }: { job: string; of: ServiceLastAccessed; close: () => void }) {
  const entities = useLoad<EntityDetails[]>(() => entitiesOf(job, of.ServiceNamespace), [job, of.ServiceNamespace])
  return (
    <Modal visible size="large" onDismiss={close} header={`${of.ServiceName}: last accessed`} closeAriaLabel="Close">
      <SpaceBetween size="l">
        {entities.error && <Failure error={entities.error} what="who used the service" retry={entities.reload} />}
        <Table
          variant="embedded"
          header="Who used it"
          items={entities.value ?? []}
          loading={entities.loading}
          loadingText="Loading entities"
          empty="Nobody"
          wrapLines
          columnDefinitions={[
            { id: 'name', header: 'Entity', isRowHeader: true, cell: e => <By arn={e.EntityInfo.Arn} /> },
            { id: 'type', header: 'Type', cell: e => e.EntityInfo.Type.toLowerCase() },
            { id: 'at', header: 'Last accessed', cell: e => date(moment(e.LastAuthenticated)) || 'Never' },
          ]}
        />
        {(of.TrackedActionsLastAccessed ?? []).length > 0 && (
          <Table
            variant="embedded"
            header="Actions"
            items={of.TrackedActionsLastAccessed ?? []}
            wrapLines
            columnDefinitions={[
              { id: 'name', header: 'Action', isRowHeader: true, cell: a => service(of.ServiceNamespace, a.ActionName) },
              { id: 'at', header: 'Last accessed', cell: a => date(moment(a.LastAccessedTime)) || 'Never' },
              { id: 'by', header: 'By', cell: a => <By arn={a.LastAccessedEntity} /> },
            ]}
          />
        )}
      </SpaceBetween>
    </Modal>
  )
}
