import { childIndent, indentOf, insertChild, insertItem, member, members, parse, reindent, removeChild, rename, replace, setMember, source, type Node, type Problem } from './json'

/** Principal is one value of a Principal element. */
export interface Principal {
  type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'
  value: string
}

/** principalTypes are the members a Principal element may have. */
export const principalTypes = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const

/** Condition is one operator on one key. */
export interface Condition {
  qualifier: '' | 'ForAllValues' | 'ForAnyValue'
  /** operator is without qualifier and IfExists. */
  operator: string
  ifExists: boolean
  key: string
  values: string[]
}

/** Statement is one as the visual editor shows it. */
export interface Statement {
  sid?: string
  effect: 'Allow' | 'Deny'
  /** principals are "*" for everyone; nothing without the element. */
  principals?: '*' | Principal[]
  /** not says that actions are those of NotAction. */
  not: boolean
  actions?: string[]
  resources?: string[]
  conditions: Condition[]
}

/** Entry is a statement of the document: shown, or why it can only be edited as JSON. */
export interface Entry {
  shown?: Statement
  only?: string
  sid?: string
  /** offset is where it begins. */
  offset: number
}

/** Policy is a document as the visual editor sees it. */
export interface Policy {
  problems: Problem[]
  /** only says why nothing of it can be edited visually. */
  only?: string
  version?: string
  entries: Entry[]
}

/** elements are those of a statement, in the order in which they are written. */
export const elements = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'] as const

/** top are the elements of a document. */
export const top = ['Version', 'Id', 'Statement'] as const

/** read gives a text's statements. Nothing is changed or lost: what isn't understood is an entry with its reason. */
export function read(text: string): Policy {
  if (text.trim() === '') return { problems: [], entries: [] }
  const { root, problems } = parse(text)
  if (root === undefined) return { problems, entries: [] }
  const only = oddDocument(root)
  if (only !== undefined) return { problems, only, entries: [] }
  const version = member(root, 'Version')
  return {
    problems,
    version: version?.type === 'string' ? (version.value as string) : undefined,
    entries: statements(root).map(node => {
      const sid = member(node, 'Sid')
      const entry = { offset: node.offset, sid: sid?.type === 'string' ? (sid.value as string) : undefined }
      try {
        return { ...entry, shown: readStatement(text, node) }
      } catch (e) {
        if (!(e instanceof Odd)) throw e
        return { ...entry, only: e.message }
      }
    }),
  }
}

function oddDocument(root: Node): string | undefined {
  if (root.type !== 'object') return 'A policy is an object.'
  const twice = repeated(root)
  if (twice !== undefined) return `${twice} is there twice.`
  const statement = member(root, 'Statement')
  if (statement !== undefined && statement.type !== 'object' && statement.type !== 'array') return 'Statement is neither a statement nor a list.'
  return undefined
}

function statements(root: Node): Node[] {
  const statement = member(root, 'Statement')
  if (statement === undefined) return []
  return statement.type === 'array' ? (statement.children ?? []) : [statement]
}

/** Odd says what of a statement the visual editor can't show. */
class Odd extends Error {}

function repeated(object: Node): string | undefined {
  const seen = new Set<string>()
  for (const m of members(object)) {
    if (seen.has(m.name)) return m.name
    seen.add(m.name)
  }
  return undefined
}

function readStatement(text: string, node: Node): Statement {
  if (node.type !== 'object') throw new Odd('It is no object.')
  const twice = repeated(node)
  if (twice !== undefined) throw new Odd(`${twice} is there twice.`)
  const has = new Map(members(node).map(m => [m.name, m.value]))
  for (const name of has.keys()) {
    if (!(elements as readonly string[]).includes(name)) throw new Odd(`${name} is no element of a statement.`)
    if (name === 'NotPrincipal' || name === 'NotResource') throw new Odd(`It uses ${name}.`)
  }
  if (has.has('Action') && has.has('NotAction')) throw new Odd('It has both Action and NotAction.')
  const effect = has.get('Effect')?.value as unknown
  if (effect !== 'Allow' && effect !== 'Deny') throw new Odd('Its Effect is neither Allow nor Deny.')
  const sid = has.get('Sid')
  if (sid !== undefined && sid.type !== 'string') throw new Odd('Its Sid is no text.')
  const actions = has.get('Action') ?? has.get('NotAction')
  const resources = has.get('Resource')
  return {
    sid: sid?.value as string | undefined,
    effect,
    principals: readPrincipals(has.get('Principal')),
    not: has.has('NotAction'),
    actions: actions && strings(actions, has.has('NotAction') ? 'NotAction' : 'Action'),
    resources: resources && strings(resources, 'Resource'),
    conditions: readConditions(text, has.get('Condition')),
  }
}

/** strings are those of a list, or the one. */
function strings(node: Node, name: string): string[] {
  const items = node.type === 'array' ? (node.children ?? []) : [node]
  for (const i of items) if (i.type !== 'string') throw new Odd(`${name} holds something that is no text.`)
  return items.map(i => i.value as string)
}

function readPrincipals(node: Node | undefined): Statement['principals'] {
  if (node === undefined) return undefined
  if (node.type === 'string') {
    if (node.value !== '*') throw new Odd('Its Principal is a text other than "*".')
    return '*'
  }
  if (node.type !== 'object') throw new Odd('Its Principal is neither "*" nor an object.')
  const twice = repeated(node)
  if (twice !== undefined) throw new Odd(`${twice} is there twice.`)
  return members(node).flatMap(m => {
    const type = principalTypes.find(t => t === m.name)
    if (type === undefined) throw new Odd(`${m.name} is no type of principal.`)
    const values = strings(m.value, m.name)
    if (values.length === 0) throw new Odd(`${m.name} is empty.`)
    return values.map(value => ({ type, value }))
  })
}

/** operatorName takes the name of an operator apart; put together, it is the same again. */
export function operatorName(name: string): Pick<Condition, 'qualifier' | 'operator' | 'ifExists'> {
  const [, qualifier, operator, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s.exec(name)!
  return { qualifier: (qualifier ?? '') as Condition['qualifier'], operator: operator ?? '', ifExists: ifExists !== undefined }
}

/** operatorOf is the name as it is written. */
export function operatorOf(c: Pick<Condition, 'qualifier' | 'operator' | 'ifExists'>): string {
  return (c.qualifier ? c.qualifier + ':' : '') + c.operator + (c.ifExists ? 'IfExists' : '')
}

function readConditions(text: string, node: Node | undefined): Condition[] {
  if (node === undefined) return []
  if (node.type !== 'object') throw new Odd('Its Condition is no object.')
  const all: Condition[] = []
  const twice = repeated(node)
  if (twice !== undefined) throw new Odd(`${twice} is there twice.`)
  for (const block of members(node)) {
    if (block.value.type !== 'object' || members(block.value).length === 0) throw new Odd(`${block.name} has no keys.`)
    const again = repeated(block.value)
    if (again !== undefined) throw new Odd(`${again} is there twice.`)
    for (const m of members(block.value)) {
      const values = m.value.type === 'array' ? (m.value.children ?? []) : [m.value]
      for (const v of values) if (!['string', 'number', 'boolean'].includes(v.type)) throw new Odd(`${m.name} has a value that is neither text, number nor truth.`)
      // A number is shown as it was typed.
      all.push({ ...operatorName(block.name), key: m.name, values: values.map(v => (v.type === 'string' ? (v.value as string) : source(text, v))) })
    }
  }
  return all
}

/** template is where a policy begins that is made visually. */
export const template = `{
  "Version": "2012-10-17",
  "Statement": []
}`

/** written is a statement as JSON. */
export function written(s: Statement): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  if (s.sid !== undefined) out.Sid = s.sid
  out.Effect = s.effect
  if (s.principals !== undefined) out.Principal = principalsJSON(s.principals)
  if (s.actions !== undefined) out[s.not ? 'NotAction' : 'Action'] = one(s.actions)
  if (s.resources !== undefined) out.Resource = one(s.resources)
  if (s.conditions.length > 0) out.Condition = Object.fromEntries([...blocks(s.conditions)].map(([op, keys]) => [op, Object.fromEntries([...keys].map(([k, v]) => [k, one(v)]))]))
  return out
}

const one = (values: string[]): string | string[] => (values.length === 1 ? values[0]! : values)

function principalsJSON(principals: '*' | Principal[]): unknown {
  if (principals === '*') return '*'
  const out: Record<string, string | string[]> = {}
  for (const type of principalTypes) {
    const values = principals.filter(p => p.type === type).map(p => p.value)
    if (values.length > 0) out[type] = one(values)
  }
  return out
}

/** blocks are conditions by operator and key. Values for the same operator and key are taken together. */
function blocks(conditions: Condition[]): Map<string, Map<string, string[]>> {
  const all = new Map<string, Map<string, string[]>>()
  for (const c of conditions) {
    const op = operatorOf(c)
    const keys = all.get(op) ?? new Map<string, string[]>()
    all.set(op, keys)
    const before = keys.get(c.key)
    keys.set(c.key, before ? [...new Set([...before, ...c.values])] : c.values)
  }
  return all
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** statementAt is the statement of an index in a text that is a policy. */
function statementAt(text: string, index: number): Node {
  const root = parse(text).root
  const node = root && statements(root)[index]
  if (node === undefined) throw new Error(`there is no statement ${index}`)
  return node
}

/** write changes one statement of a text, and of it only the elements that are different. */
export function write(text: string, index: number, after: Statement): string {
  const before = readStatement(text, statementAt(text, index))
  const set = (name: string, value: unknown) => {
    text = setMember(text, statementAt(text, index), name, value, elements)
  }
  /** list keeps a list a list. */
  const list = (name: string, values: string[] | undefined) => set(name, values && (member(statementAt(text, index), name)?.type === 'array' ? values : one(values)))
  if (after.sid !== before.sid) set('Sid', after.sid)
  if (after.effect !== before.effect) set('Effect', after.effect)
  if (!same(after.principals, before.principals)) set('Principal', after.principals && principalsJSON(after.principals))
  if (after.not !== before.not) text = rename(text, statementAt(text, index), before.not ? 'NotAction' : 'Action', after.not ? 'NotAction' : 'Action')
  if (!same(after.actions, before.actions)) list(after.not ? 'NotAction' : 'Action', after.actions)
  if (!same(after.resources, before.resources)) list('Resource', after.resources)
  if (!same(after.conditions, before.conditions)) text = writeConditions(text, index, before.conditions, after.conditions)
  return text
}

function writeConditions(text: string, index: number, before: Condition[], after: Condition[]): string {
  const condition = () => member(statementAt(text, index), 'Condition')
  const old = blocks(before)
  const wanted = blocks(after)
  if (wanted.size === 0) return setMember(text, statementAt(text, index), 'Condition', undefined)
  if (condition() === undefined) text = setMember(text, statementAt(text, index), 'Condition', {}, elements)
  for (const [op, keys] of old) {
    if (!wanted.has(op)) {
      text = setMember(text, condition()!, op, undefined)
      continue
    }
    for (const key of keys.keys()) if (!wanted.get(op)!.has(key)) text = setMember(text, member(condition(), op)!, key, undefined)
  }
  for (const [op, keys] of wanted) {
    if (member(condition(), op) === undefined) text = setMember(text, condition()!, op, {})
    for (const [key, values] of keys) {
      if (same(old.get(op)?.get(key), values)) continue
      const block = member(condition(), op)!
      text = setMember(text, block, key, member(block, key)?.type === 'array' ? values : one(values))
    }
  }
  return text
}

/** add puts a statement at the end. */
export function add(text: string, statement: Record<string, unknown>): string {
  if (text.trim() === '') text = template
  const root = parse(text).root!
  const node = member(root, 'Statement')
  if (node === undefined) return setMember(text, root, 'Statement', [statement], top)
  if (node.type === 'array') return insertItem(text, node, node.children?.length ?? 0, statement)
  return add(inList(text, node), statement)
}

/** inList makes a list of the one statement that isn't in one. */
function inList(text: string, node: Node): string {
  if (!text.includes('\n')) return replace(text, node, `[${source(text, node)}]`)
  const outer = indentOf(text, node)
  const inner = childIndent(text, node)
  return replace(text, node, `[\n${inner}${reindent(source(text, node), outer, inner)}\n${outer}]`)
}

/** remove takes a statement away. */
export function remove(text: string, index: number): string {
  const root = parse(text).root!
  const node = member(root, 'Statement')!
  return node.type === 'array' ? removeChild(text, node, index) : replace(text, node, '[]')
}

/** duplicate puts a copy of a statement after it, as it was typed but for its Sid, which is there once only. */
export function duplicate(text: string, index: number): string {
  const root = parse(text).root!
  let node = member(root, 'Statement')!
  if (node.type !== 'array') {
    text = inList(text, node)
    node = member(parse(text).root!, 'Statement')!
  }
  const sids = new Set(read(text).entries.map(e => e.sid))
  text = insertChild(text, node, index + 1, source(text, node.children![index]!))
  const copy = statementAt(text, index + 1)
  const sid = copy.type === 'object' ? member(copy, 'Sid') : undefined
  if (typeof sid?.value !== 'string' || sid.value === '') return text
  let n = 1
  while (sids.has(`${sid.value}Copy${n > 1 ? n : ''}`)) n++
  return replace(text, sid, JSON.stringify(`${sid.value}Copy${n > 1 ? n : ''}`))
}
