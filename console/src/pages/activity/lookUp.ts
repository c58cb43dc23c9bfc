import { call } from '../../api/client'
import type { Event, LookupEventsRequest } from '../../api/cloudtrail.gen'

/** most is how many empty pages are turned for one that has events. */
const most = 20

export interface Page {
  events: Event[]
  /** next is the token of the page after it, when there may be one. */
  next?: string
}

/**
 * lookUp asks for events. A call looks at a bounded number of records and may find
 * none: then the next is asked, and when there still are none, it is for the viewer to
 * go on.
 */
export async function lookUp(input: LookupEventsRequest, next?: string, signal?: AbortSignal): Promise<Page> {
  for (let i = 0; ; i++) {
    const out = await call('cloudtrail', 'LookupEvents', { ...input, NextToken: next }, signal)
    next = out.NextToken
    if ((out.Events ?? []).length > 0 || next === undefined || i === most) return { events: out.Events ?? [], next }
  }
}
