import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call, moment } from '../api/client'
import type { EntityChange, EntityEvent } from '../api/sallyport.gen'
import { useLoad } from '../api/load'
import { Diff } from '../pages/policies/Diff'
import { Panel } from '../shell/Panel'
import { date } from '../shell/time'
import { principalName } from '../shell/session'
import { pretty } from './PolicyText'

/** most is how many changes are asked for at a time. */
const most = 100

/** History is who changed an entity, when, and what. */
export function History({ entity }: { entity: string }) {
  const [shown, setShown] = useState<EntityEvent>()
  const [tokens, setTokens] = useState<string>()
  const [all, setAll] = useState<EntityEvent[]>([])
  const events = useLoad(async () => {
    const out = await call('sallyport', 'GetEntityHistory', { Entity: entity, MaxResults: most })
    setTokens(out.NextToken)
    setAll([])
    return out.Events
  }, [entity])
  const more = async () => {
    const out = await call('sallyport', 'GetEntityHistory', { Entity: entity, MaxResults: most, NextToken: tokens })
    setTokens(out.NextToken)
    setAll([...all, ...out.Events])
  }
  return (
    <>
      <Panel
        title="History"
        what="changes"
        description="Every change since the entity was made, the newest first."
        loaded={{ ...events, value: events.value && [...events.value, ...all] }}
        id={e => String(e.Revision)}
        columns={[
          { header: 'Time', cell: e => date(moment(e.EventTime)) },
          { header: 'Event', cell: e => <Button variant="inline-link" onClick={() => setShown(e)}>{e.EventName}</Button> },
          { header: 'By', cell: e => principalName(e.CallerArn) },
          { header: 'From', cell: e => e.SourceIpAddress },
          { header: 'Changed', cell: e => e.Changes.map(name).join(', ') },
        ]}
      />
      {tokens && (
        <Box textAlign="center" padding="s">
          <Button onClick={more}>Load older changes</Button>
        </Box>
      )}
      {shown && (
        <Modal visible size="large" onDismiss={() => setShown(undefined)} header={`${shown.EventName}, ${date(moment(shown.EventTime))}`}>
          <SpaceBetween size="l">
            <Box>
              By {shown.CallerArn}
              {shown.UserAgent && ` with ${shown.UserAgent}`}
            </Box>
            {shown.Changes.map((c, i) => (
              <div key={i}>
                <Box variant="h3">{name(c)}</Box>
                <Diff before={readable(c.Before)} after={readable(c.After)} />
              </div>
            ))}
          </SpaceBetween>
        </Modal>
      )}
    </>
  )
}

const name = (c: EntityChange) => `${c.Kind.replace(/([a-z])([A-Z])/g, '$1 $2')} ${c.Name}`

/** readable shows a row on many lines, and policy documents in it as documents. */
function readable(row: string | undefined): string {
  if (row === undefined) return ''
  try {
    return JSON.stringify(JSON.parse(row, (_, v: unknown) => (typeof v === 'string' && v.startsWith('{') ? JSON.parse(pretty(v)) : v)), null, 2)
  } catch {
    return pretty(row)
  }
}
