import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'

type Query = PropertyFilterProps.Query
const operators = [':', '!:', '=', '!=']

/**
 * fromAddress reads a list's filter from a page's address, so that links lead to what
 * is filtered: q is free text, f is property|operator|value, any=1 joins them by "or".
 */
export function fromAddress(params: URLSearchParams, properties: string[]): Query {
  const tokens: PropertyFilterProps.Token[] = params.getAll('q').filter(value => value !== '').map(value => ({ operator: ':', value }))
  for (const text of params.getAll('f')) {
    const [propertyKey = '', operator = '', ...value] = text.split('|')
    if (properties.includes(propertyKey) && operators.includes(operator)) tokens.push({ propertyKey, operator, value: value.join('|') })
  }
  return { tokens, operation: params.get('any') === '1' ? 'or' : 'and' }
}

/** toAddress writes a filter into the parameters of an address, and leaves the others. */
export function toAddress(params: URLSearchParams, query: Query): URLSearchParams {
  const out = new URLSearchParams(params)
  for (const key of ['q', 'f', 'any']) out.delete(key)
  for (const t of query.tokens) {
    if (t.propertyKey) out.append('f', `${t.propertyKey}|${t.operator}|${t.value}`)
    else if (t.operator === ':') out.append('q', String(t.value))
  }
  if (query.operation === 'or') out.set('any', '1')
  return out
}
