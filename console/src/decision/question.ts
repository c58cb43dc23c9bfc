import type { ContextEntry } from '../api/sallyport.gen'

/** Question is what the policy simulator is asked. */
export interface Question {
  principal: string
  actions: string[]
  resources: string[]
  context: ContextEntry[]
}

/** addressOf is the page where the policy simulator answers a question. */
export function addressOf(q: Question): string {
  return `/simulator?${toAddress(q)}`
}

/** toAddress writes a question into the parameters of an address. */
export function toAddress(q: Question): URLSearchParams {
  const params = new URLSearchParams({ principal: q.principal })
  for (const a of q.actions) params.append('action', a)
  for (const r of q.resources) params.append('resource', r)
  for (const c of q.context) for (const value of c.Values) params.append('context', `${c.Key}=${value}`)
  return params
}

/** fromAddress is the question that an address asks, as far as it goes. */
export function fromAddress(params: URLSearchParams): Question {
  return {
    principal: params.get('principal') ?? '',
    actions: params.getAll('action'),
    resources: params.getAll('resource'),
    context: gathered(
      params.getAll('context').map(text => {
        const at = text.indexOf('=')
        return at < 0 ? { key: text, value: '' } : { key: text.slice(0, at), value: text.slice(at + 1) }
      }),
    ),
  }
}

/** gathered are the values of each condition key together; a key's case does not count. */
export function gathered(pairs: { key: string; value: string }[]): ContextEntry[] {
  const found = new Map<string, ContextEntry>()
  for (const { key, value } of pairs) {
    if (key === '') continue
    const entry = found.get(key.toLowerCase())
    if (entry) entry.Values.push(value)
    else found.set(key.toLowerCase(), { Key: key, Values: [value] })
  }
  return [...found.values()]
}
