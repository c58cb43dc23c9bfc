import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call, moment } from '../api/client'
import type { EntityEvent } from '../api/sallyport.gen'
import { useLoad } from '../api/load'
import { Diff } from '../pages/policies/Diff'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { Panel } from '../shell/Panel'
import { principalName, useSession } from '../shell/session'
import { date } from '../shell/time'
import { across, between, briefly, nameOf, readable } from './changes'
import { pageOfARN } from './pageOfARN'

/** most is how many changes are asked for at a time. */
const most = 100

/** History is who changed an entity, when, and what. entity is an ARN or a unique id, also of what is gone. */
export function History({ entity }: { entity: string }) {
  const [shown, setShown] = useState<EntityEvent[]>()
  const [tokens, setTokens] = useState<string>()
  const [older, setOlder] = useState<EntityEvent[]>([])
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const ask = (NextToken?: string) => call('sallyport', 'GetEntityHistory', { Entity: entity, MaxResults: most, NextToken })
  const events = useLoad(async () => {
    const out = await ask()
    setTokens(out.NextToken)
    setOlder([])
    return out.Events
  }, [entity])
  const more = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const out = await ask(tokens)
      setTokens(out.NextToken)
      setOlder([...older, ...out.Events])
    } catch (e) {
      setError(e as Error)
    }
    setBusy(false)
  }
  const all = events.value && [...events.value, ...older]
  return (
    <>
      <Panel
        title="History"
        what="changes"
        description="Every change since the entity was made, the newest first. Select two to see what changed from one to the other."
        loaded={{ ...events, value: all }}
        id={e => String(e.Revision)}
        search={e => `${e.EventName} ${e.CallerArn} ${e.Changes.map(nameOf).join(' ')}`}
        columns={[
          { header: 'Time', cell: e => date(moment(e.EventTime)), minWidth: 160 },
          { header: 'Event', minWidth: 230, cell: e => <Button variant="inline-link" onClick={() => setShown([e])}>{e.EventName}</Button> },
          { header: 'By', cell: e => <Caller arn={e.CallerArn} /> },
          { header: 'From', cell: e => e.SourceIpAddress },
          { header: 'Changed', cell: e => e.Changes.map(briefly).join(', ') },
        ]}
        actions={selected => (
          <Button disabled={selected.length !== 2} onClick={() => setShown(between(all ?? [], selected))}>
            Compare
          </Button>
        )}
      />
      {error && <Failure error={error} what="older changes" />}
      {tokens && (
        <Box textAlign="center" padding="s">
          <Button loading={busy} onClick={more}>
            Load older changes
          </Button>
        </Box>
      )}
      {shown && <Changes events={shown} close={() => setShown(undefined)} />}
    </>
  )
}

/** Caller is who did something, with a link where there is a page. */
function Caller({ arn }: { arn: string }) {
  const page = arn.split(':')[4] === useSession().account ? pageOfARN(arn) : undefined
  return page ? <Link to={page}>{principalName(arn)}</Link> : <>{principalName(arn)}</>
}

function Changes({ events, close }: { events: EntityEvent[]; close: () => void }) {
  const ordered = [...events].sort((a, b) => a.Revision - b.Revision)
  const first = ordered[0]!
  const last = ordered.at(-1)!
  const changes = across(ordered)
  return (
    <Modal
      visible
      size="large"
      onDismiss={close}
      header={first === last ? `${first.EventName}, ${date(moment(first.EventTime))}` : `From ${date(moment(first.EventTime))} to ${date(moment(last.EventTime))}`}
    >
      <SpaceBetween size="l">
        {first === last ? (
          <Box>
            By <Caller arn={first.CallerArn} />
            {first.SourceIpAddress && ` from ${first.SourceIpAddress}`}
            {first.UserAgent && ` with ${first.UserAgent}`}
          </Box>
        ) : (
          <Box>
            {ordered.length} changes by {[...new Set(ordered.map(e => principalName(e.CallerArn)))].join(', ')}.
          </Box>
        )}
        {changes.length === 0 && <Box>Nothing is different at the end.</Box>}
        {changes.map(c => (
          <div key={nameOf(c)}>
            <Box variant="h3">{nameOf(c)}</Box>
            <Diff before={readable(c.Before)} after={readable(c.After)} />
          </div>
        ))}
      </SpaceBetween>
    </Modal>
  )
}
