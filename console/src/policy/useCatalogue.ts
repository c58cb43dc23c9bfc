import { useEffect, useState } from 'react'
import { catalogue, type ConditionKey, type Listed, type Service } from './catalogue'
import { keys } from './complete'
import { groups } from './actions'

/** Asked is something of the catalogue, when it is there. */
export interface Asked<T> {
  value?: T
  error?: Error
}

/** useAsked asks for something each time that what it depends on changes. Meanwhile it has what it had. */
function useAsked<T>(ask: () => Promise<T>, depends: string): Asked<T> {
  const [asked, set] = useState<Asked<T> & { of?: string }>({})
  useEffect(() => {
    let current = true
    ask().then(
      value => current && set({ value, of: depends }),
      (error: Error) => current && set({ error, of: depends }),
    )
    return () => {
      current = false
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [depends])
  return asked
}

export function useServices(): Asked<Listed[]> {
  return useAsked(() => catalogue.services(), '')
}

/** useKnown are the services that actions name, by prefix; what is unknown isn't there. */
export function useKnown(actions: readonly string[]): Asked<Map<string, Service>> {
  const prefixes = [...new Set(groups(actions).map(g => g.service))].filter(s => s !== '*' && s !== '').sort()
  return useAsked(async () => {
    const all = await Promise.all(prefixes.map(async p => [p, await catalogue.service(p)] as const))
    return new Map(all.filter((x): x is [string, Service] => x[1] !== undefined))
  }, prefixes.join())
}

/** useKeys are the condition keys that fit actions. */
export function useKeys(actions: readonly string[]): Asked<ConditionKey[]> {
  return useAsked(() => keys([...actions], { catalogue }), actions.join(' '))
}
