import type { ContextEntry } from '../api/sallyport.gen'

/** Denied is what a denied call was about. */
export interface Denied {
  principal: string
  action: string
  resource?: string
  /** context is what is known of the request's condition keys. */
  context: ContextEntry[]
}

/**
 * deniedBy reads the sentence in which AWS denies a call ("Troubleshoot access denied
 * error messages" in the IAM User Guide). Undefined where it is worded otherwise.
 */
export function deniedBy(message: string): Denied | undefined {
  const found = /^User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: (.+?))?(?: (?:because|with) .*)?$/s.exec(message)
  if (!found) return undefined
  return { principal: found[1]!, action: found[2]!, resource: found[3], context: [] }
}

/** follows are the condition keys that a decision knows by itself: who asks, and when. */
const follows = /^aws:(principal(arn|account|type|isawsservice)|viaawsservice|userid|username|currenttime|epochtime|resourceaccount)$/i

interface Message {
  context?: {
    principal?: { arn?: string }
    action?: string
    resource?: string
    conditions?: { items?: { key: string; values: { items?: { value: string }[] } }[] | null }
  }
}

/** decoded reads the message that sts:DecodeAuthorizationMessage opens. */
export function decoded(message: string): Denied | undefined {
  try {
    const { context } = JSON.parse(message) as Message
    if (!context?.principal?.arn || !context.action) return undefined
    const keys = (context.conditions?.items ?? []).filter(i => !follows.test(i.key))
    return {
      principal: context.principal.arn,
      action: context.action,
      resource: context.resource,
      context: keys.map(i => ({ Key: i.key, Values: (i.values.items ?? []).map(v => v.value) })),
    }
  } catch {
    return undefined
  }
}
