import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { moment } from '../../api/client'
import type { Event } from '../../api/cloudtrail.gen'
import { Why } from '../../decision/Why'
import { PolicyText, pretty } from '../../entity/PolicyText'
import { Copy } from '../../shell/Copy'
import { useSession } from '../../shell/session'
import { date } from '../../shell/time'
import { Actor, Outcome, Targets } from './columns'
import { denialOf, recordOf } from './record'

/** Detail is one event, with its whole record. */
export function Detail({ event, close }: { event: Event; close: () => void }) {
  const { account } = useSession()
  const record = recordOf(event)
  const denial = denialOf(record)
  return (
    <Modal visible size="large" onDismiss={close} closeAriaLabel="Close" header={event.EventName || 'Event'}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Time', value: date(moment(event.EventTime)) },
            { label: 'By', value: <Actor event={event} account={account} /> },
            { label: 'Outcome', value: <Outcome event={event} /> },
            { label: 'About', value: <Targets event={event} account={account} /> },
            { label: 'Service', value: event.EventSource ?? '–' },
            { label: 'Read-only', value: event.ReadOnly === 'true' ? 'Yes' : 'No' },
            { label: 'From', value: record.sourceIPAddress || '–' },
            { label: 'Access key ID', value: <Copy text={event.AccessKeyId} /> },
            { label: 'Event ID', value: <Copy text={event.EventId} /> },
          ]}
        />
        {record.errorCode && (
          <Alert type={denial ? 'warning' : 'error'} header={record.errorCode}>
            {record.errorMessage}
          </Alert>
        )}
        {denial && <Why denied={denial} at={event.EventTime} />}
        <div>
          <Box variant="h3">Record</Box>
          <PolicyText label="The event's record" value={pretty(event.CloudTrailEvent ?? '')} height={360} />
        </div>
      </SpaceBetween>
    </Modal>
  )
}
