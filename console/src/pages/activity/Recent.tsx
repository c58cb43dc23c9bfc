import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { Event } from '../../api/cloudtrail.gen'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { useSession } from '../../shell/session'
import { columns } from './columns'
import { Detail } from './Detail'
import { lookUp } from './lookUp'

/** few is how many events the dashboard shows. */
const few = 8

/** Recent are the last changes and sign-ins, for the dashboard. */
export function Recent() {
  const { account } = useSession()
  const [shown, setShown] = useState<Event>()
  const page = useLoad(() => lookUp({ MaxResults: few, LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }] }), [])
  return (
    <>
      <Table
        items={page.value?.events ?? []}
        trackBy={e => e.EventId ?? ''}
        columnDefinitions={columns(account, setShown).filter(c => c.id !== 'source')}
        loading={page.loading}
        loadingText="Loading events"
        wrapLines
        ariaLabels={{ tableLabel: 'Recent activity' }}
        empty={page.error ? <Failure error={page.error} what="activity" retry={page.reload} /> : <Box textAlign="center">No changes or sign-ins</Box>}
        header={
          <Header variant="h2" description="Changes and sign-ins." actions={<Link to="/activity">All activity</Link>}>
            Recent activity
          </Header>
        }
      />
      {shown && <Detail event={shown} close={() => setShown(undefined)} />}
    </>
  )
}
