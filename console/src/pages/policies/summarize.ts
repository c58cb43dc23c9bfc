/** Row is what a policy says of one service. */
export interface Row {
  effect: 'Allow' | 'Deny'
  service: string
  actions: string
  resources: string
  conditions: string
}

interface Statement {
  Effect?: 'Allow' | 'Deny'
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  Condition?: Record<string, Record<string, unknown>>
}

const list = (v: string | string[] | undefined): string[] => (v === undefined ? [] : [v].flat())

function few(all: string[], most = 4): string {
  return all.length <= most ? all.join(', ') : `${all.slice(0, most).join(', ')} and ${all.length - most} more`
}

/** summarize gathers a policy's statements by effect and service; nothing for what isn't a policy. */
export function summarize(text: string): Row[] | undefined {
  let statements: Statement[]
  try {
    statements = [(JSON.parse(text) as { Statement?: Statement | Statement[] }).Statement ?? []].flat()
  } catch {
    return undefined
  }
  const rows = new Map<string, { effect: 'Allow' | 'Deny'; service: string; actions: Set<string>; resources: Set<string>; conditions: Set<string> }>()
  for (const s of statements) {
    const effect = s.Effect === 'Deny' ? 'Deny' : 'Allow'
    const services = s.NotAction !== undefined ? [['All services', `All but ${few(list(s.NotAction))}`]] : list(s.Action).map(a => {
      const [service, action] = a === '*' ? ['All services', 'All actions'] : [a.split(':')[0] ?? '', a.split(':').slice(1).join(':')]
      return [service, action === '*' ? 'All actions' : action]
    })
    for (const [service, action] of services as [string, string][]) {
      const key = `${effect} ${service}`
      const row = rows.get(key) ?? { effect, service, actions: new Set(), resources: new Set(), conditions: new Set() }
      rows.set(key, row)
      row.actions.add(action)
      for (const r of s.NotResource !== undefined ? [`All but ${few(list(s.NotResource))}`] : list(s.Resource)) row.resources.add(r === '*' ? 'All resources' : r)
      for (const [operator, keys] of Object.entries(s.Condition ?? {})) for (const k of Object.keys(keys)) row.conditions.add(`${k} (${operator})`)
    }
  }
  return [...rows.values()]
    .sort((a, b) => (a.effect === b.effect ? a.service.localeCompare(b.service) : a.effect === 'Deny' ? -1 : 1))
    .map(r => ({ effect: r.effect, service: r.service, actions: few([...r.actions]), resources: few([...r.resources], 3), conditions: few([...r.conditions]) }))
}
