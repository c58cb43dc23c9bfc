import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker'
import Header from '@cloudscape-design/components/header'
import PropertyFilter, { type PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Event, LookupAttribute } from '../../api/cloudtrail.gen'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import { filterStrings } from '../../shell/List'
import { useSession } from '../../shell/session'
import { columns } from './columns'
import { Detail } from './Detail'
import { fits, filteringOptions, filteringProperties } from './filter'
import { lookUp } from './lookUp'
import { rangeStrings, ranges, timesOf, validRange } from './range'

type Key = LookupAttribute['AttributeKey']

/** from are the filters that an address asks for: without any, what is no reading, as in AWS's console. */
function from(params: URLSearchParams): PropertyFilterProps.Token[] {
  const asked = filteringProperties.filter(f => params.has(f.key)).map(f => ({ propertyKey: f.key, operator: '=', value: params.get(f.key) }))
  return asked.length > 0 ? asked : [{ propertyKey: 'ReadOnly', operator: '=', value: 'false' }]
}

/** Activity is who called what, the latest first: the account's event history. */
export default function Activity() {
  const { account } = useSession()
  const [params] = useSearchParams()
  const [query, setQuery] = useState<PropertyFilterProps.Query>(() => ({
    operation: 'and',
    tokens: from(params),
  }))
  const [range, setRange] = useState<DateRangePickerProps.Value | null>(null)
  const [older, setOlder] = useState<{ of: object; events: Event[]; next?: string }>()
  const [more, setMore] = useState<{ busy: boolean; error?: Error }>({ busy: false })
  const [shown, setShown] = useState<Event>()
  // The service takes one attribute; the others are looked for in what it finds.
  const first = query.tokens[0]
  const input = {
    MaxResults: 50,
    ...timesOf(range),
    LookupAttributes: first && [{ AttributeKey: first.propertyKey as Key, AttributeValue: String(first.value) }],
  }
  const asked = JSON.stringify([first, range])
  const page = useLoad(() => lookUp(input), [asked])
  const following = page.value && older?.of === page.value ? older : undefined
  const all = [...(page.value?.events ?? []), ...(following?.events ?? [])]
  const next = following ? following.next : page.value?.next
  const items = all.filter(e => query.tokens.every(t => fits(e, t)))
  const goOn = async () => {
    if (!page.value) return
    setMore({ busy: true })
    try {
      const found = await lookUp(input, next)
      setOlder({ of: page.value, events: [...(following?.events ?? []), ...found.events], next: found.next })
      setMore({ busy: false })
    } catch (error) {
      setMore({ busy: false, error: error as Error })
    }
  }
  return (
    <>
      <Table
        variant="full-page"
        stickyHeader
        items={items}
        trackBy={e => e.EventId ?? ''}
        columnDefinitions={columns(account, setShown)}
        loading={page.loading}
        loadingText="Loading events"
        ariaLabels={{ tableLabel: 'Activity' }}
        empty={page.error ? <Failure error={page.error} what="activity" retry={page.reload} /> : <Box textAlign="center" padding="l">{next ? 'No events so far; older ones may match' : 'No events'}</Box>}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={page.value && !page.loading ? `(${items.length}${next ? '+' : ''})` : undefined}
            description="Calls, denials and sign-ins of the last 90 days, the latest first."
            actions={<Button iconName="refresh" ariaLabel="Load events again" onClick={page.reload} loading={page.loading} />}
          >
            Activity
          </Header>
        }
        filter={
          <SpaceBetween size="xs">
            <PropertyFilter
              query={query}
              onChange={e => setQuery({ operation: 'and', tokens: e.detail.tokens.filter(t => t.propertyKey !== undefined && t.value !== '') })}
              filteringProperties={filteringProperties}
              filteringOptions={filteringOptions(all)}
              hideOperations
              disableFreeTextFiltering
              filteringPlaceholder="Filter by an attribute"
              filteringAriaLabel="Filter events"
              i18nStrings={filterStrings}
            />
            <DateRangePicker
              value={range}
              onChange={e => setRange(e.detail.value)}
              relativeOptions={ranges}
              isValidRange={validRange}
              placeholder="The last 90 days"
              i18nStrings={rangeStrings}
            />
          </SpaceBetween>
        }
        footer={
          next && !page.loading ? (
            <Box textAlign="center">
              {more.error && <Failure error={more.error} what="older events" />}
              <Button onClick={goOn} loading={more.busy}>Load older events</Button>
            </Box>
          ) : undefined
        }
      />
      {shown && <Detail event={shown} close={() => setShown(undefined)} />}
    </>
  )
}
