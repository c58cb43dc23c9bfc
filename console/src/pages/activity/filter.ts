import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import type { Event } from '../../api/cloudtrail.gen'

const property = (key: string, propertyLabel: string): PropertyFilterProps.FilteringProperty => ({ key, propertyLabel, groupValuesLabel: propertyLabel, operators: ['='] })

/** filteringProperties are the lookup attributes. */
export const filteringProperties = [
  property('EventName', 'Event name'),
  property('Username', 'User name'),
  property('ResourceName', 'Resource name'),
  property('ResourceType', 'Resource type'),
  property('EventSource', 'Event source'),
  property('ReadOnly', 'Read-only'),
  property('AccessKeyId', 'Access key ID'),
  property('EventId', 'Event ID'),
]

/** valuesOf are an event's values of an attribute. */
export function valuesOf(e: Event, key: string): (string | undefined)[] {
  if (key === 'ResourceName' || key === 'ResourceType') return (e.Resources ?? []).map(r => r[key])
  return [e[key as 'EventName' | 'Username' | 'EventSource' | 'ReadOnly' | 'AccessKeyId' | 'EventId']]
}

/** fits reports whether an event has what a token asks for. */
export const fits = (e: Event, t: PropertyFilterProps.Token) => valuesOf(e, t.propertyKey ?? '').includes(String(t.value))

/** filteringOptions are the values that the events shown have, to choose from. */
export function filteringOptions(events: Event[]): PropertyFilterProps.FilteringOption[] {
  const found = new Map<string, PropertyFilterProps.FilteringOption>()
  for (const { key } of filteringProperties) {
    if (key === 'EventId') continue
    for (const e of events) for (const value of valuesOf(e, key)) if (value) found.set(`${key} ${value}`, { propertyKey: key, value })
  }
  for (const value of ['true', 'false']) found.set(`ReadOnly ${value}`, { propertyKey: 'ReadOnly', value })
  return [...found.values()]
}
