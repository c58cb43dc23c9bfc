import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import { moment } from '../../api/client'
import type { Event } from '../../api/cloudtrail.gen'
import { Link } from '../../shell/Link'
import { date } from '../../shell/time'
import { actorOf, denied, recordOf, targetsOf } from './record'

/** Outcome says how a call ended. */
export function Outcome({ event }: { event: Event }) {
  const record = recordOf(event)
  if (!record.errorCode && !record.errorMessage) return <StatusIndicator>Done</StatusIndicator>
  return denied(record) ? <StatusIndicator type="stopped">Denied</StatusIndicator> : <StatusIndicator type="error">{record.errorCode || 'Failed'}</StatusIndicator>
}

/** Actor is who called, with a link to them. */
export function Actor({ event, account }: { event: Event; account: string }) {
  const record = recordOf(event)
  const page = actorOf(record, account)
  const name = event.Username ?? record.userIdentity?.invokedBy ?? 'unknown'
  return page ? <Link to={page}>{name}</Link> : <>{name}</>
}

/** Targets are the entities that a call was about, with links to them. */
export function Targets({ event, account }: { event: Event; account: string }) {
  const targets = targetsOf(event, account)
  if (targets.length === 0) return <>–</>
  return (
    <SpaceBetween size="xs" direction="horizontal">
      {targets.map(t => (
        <Link key={t.to} to={t.to}>
          {t.name}
        </Link>
      ))}
    </SpaceBetween>
  )
}

/** columns of a list of events; show opens the details of one. */
export function columns(account: string, show: (e: Event) => void): TableProps.ColumnDefinition<Event>[] {
  return [
    { id: 'time', header: 'Time', minWidth: 170, cell: e => date(moment(e.EventTime)) },
    { id: 'event', header: 'Event', minWidth: 270, isRowHeader: true, cell: e => <Button variant="inline-link" onClick={() => show(e)}>{e.EventName || '(none)'}</Button> },
    { id: 'user', header: 'By', minWidth: 110, cell: e => <Actor event={e} account={account} /> },
    { id: 'outcome', header: 'Outcome', minWidth: 130, cell: e => <Outcome event={e} /> },
    { id: 'about', header: 'About', minWidth: 140, cell: e => <Targets event={e} account={account} /> },
    { id: 'source', header: 'Service', minWidth: 120, cell: e => (e.EventSource ?? '').replace(/\.amazonaws\.com$/, '') },
  ]
}
