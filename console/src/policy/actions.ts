import { levelOf, type Action, type Level, type ResourceType, type Service } from './catalogue'

/** Named is an entry of Action taken apart. Names are compared without regard to case. */
export interface Named {
  service: string
  name: string
}

/** split takes "s3:GetObject" apart; "*" is every action of every service. */
export function split(action: string): Named | undefined {
  if (action === '*') return { service: '*', name: '*' }
  const colon = action.indexOf(':')
  return colon <= 0 ? undefined : { service: action.slice(0, colon).toLowerCase(), name: action.slice(colon + 1) }
}

const wild = (name: string) => /[*?]/.test(name)

/** like says whether a text fits a pattern with * and ?, in any case. Its time is at most that of one times the other. */
export function like(pattern: string, text: string): boolean {
  const p = pattern.toLowerCase()
  const t = text.toLowerCase()
  let i = 0
  let j = 0
  let star = -1
  let from = 0
  while (j < t.length) {
    if (i < p.length && p[i] === '*') {
      star = i++
      from = j
    } else if (i < p.length && (p[i] === '?' || p[i] === t[j])) {
      i++
      j++
    } else if (star >= 0) {
      i = star + 1
      j = ++from
    } else return false
  }
  while (p[i] === '*') i++
  return i === p.length
}

/** Group is what the entries of Action say of one service. */
export interface Group {
  /** service is the prefix in lower case, "*" for all services, "" for what names none. */
  service: string
  /** all says that every action is there: "s3:*". */
  all: boolean
  /** patterns are the entries with wildcards, but for all. */
  patterns: string[]
  /** names are the actions that are named whole, in lower case, without the prefix. */
  names: Set<string>
  entries: string[]
}

/** groups are the entries of Action by service, in the order of their first. */
export function groups(actions: readonly string[]): Group[] {
  const all = new Map<string, Group>()
  for (const entry of actions) {
    const named = split(entry)
    const service = named?.service ?? ''
    const group = all.get(service) ?? { service, all: false, patterns: [], names: new Set<string>(), entries: [] }
    all.set(service, group)
    group.entries.push(entry)
    if (named === undefined) continue
    if (/^\*+$/.test(named.name)) group.all = true
    else if (wild(named.name)) group.patterns.push(entry)
    else group.names.add(named.name.toLowerCase())
  }
  return [...all.values()]
}

/** covers is the pattern that an action is under, if one is. */
export function covers(group: Group, action: string): string | undefined {
  if (group.all) return `${group.service}:*`
  return group.patterns.find(p => like(split(p)!.name, action))
}

/** has says whether an action is among those of a group. */
export function has(group: Group, action: string): boolean {
  return group.names.has(action.toLowerCase()) || covers(group, action) !== undefined
}

/** byLevel are a service's actions by access level, those without any left out. */
export function byLevel(service: Service): [Level, Action[]][] {
  const all = new Map<Level, Action[]>()
  for (const level of ['List', 'Read', 'Write', 'Permissions management', 'Tagging'] as const) all.set(level, [])
  for (const a of service.Actions) all.get(levelOf(a))!.push(a)
  return [...all].filter(([, actions]) => actions.length > 0)
}

/** choose adds or takes away actions of a service that are named whole. What a pattern covers isn't added. */
export function choose(actions: readonly string[], service: string, names: readonly string[], on: boolean): string[] {
  if (!on) {
    const gone = new Set(names.map(n => `${service}:${n}`.toLowerCase()))
    return actions.filter(a => !gone.has(a.toLowerCase()))
  }
  const group = groups(actions).find(g => g.service === service)
  const added = names.filter(n => group === undefined || !has(group, n)).map(n => `${service}:${n}`)
  // Those of one service stay together.
  const last = actions.findLastIndex(a => split(a)?.service === service)
  return last < 0 ? [...actions, ...added] : [...actions.slice(0, last + 1), ...added, ...actions.slice(last + 1)]
}

/** chooseAll puts "s3:*" in place of a service's entries, or takes it away. */
export function chooseAll(actions: readonly string[], service: string, on: boolean): string[] {
  const of = (a: string) => split(a)?.service === service
  if (!on) return actions.filter(a => !(of(a) && /^\*+$/.test(split(a)!.name)))
  const first = actions.findIndex(of)
  const all = service === '*' ? '*' : `${service}:*`
  if (first < 0) return [...actions, all]
  return [...actions.slice(0, first), all, ...actions.slice(first).filter(a => !of(a))]
}

/** matched are the actions of a service that a group names. */
export function matched(service: Service, group: Group): Action[] {
  return service.Actions.filter(a => has(group, a.Name))
}

/** resourceTypes are those that actions can be asked on, and whether some can be asked on no type: only on "*". */
export function resourceTypes(service: Service, actions: readonly Action[]): { types: ResourceType[]; star: Action[] } {
  const names = new Set(actions.flatMap(a => a.Resources?.map(r => r.Name) ?? []))
  return { types: service.Resources.filter(r => names.has(r.Name)), star: actions.filter(a => !a.Resources?.length) }
}

/** keysOf are the names of the condition keys that requests for actions may carry, global ones apart. */
export function keysOf(service: Service, actions: readonly Action[]): Set<string> {
  const { types } = resourceTypes(service, actions)
  return new Set([...actions.flatMap(a => a.ActionConditionKeys ?? []), ...types.flatMap(t => t.ConditionKeys ?? [])])
}
