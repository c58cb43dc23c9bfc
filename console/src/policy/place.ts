import { getLocation, parseTree, type Node } from 'jsonc-parser'
import { member, members } from './json'
import { operatorName } from './model'

/** Place is what a text has at an offset, as completion sees it. */
export type Place = {
  /** from and to are what a completion replaces, the quotes with it. */
  from: number
  to: number
  /** typed is what stands there, up to the offset and without the quotes. */
  typed: string
} & (
  | { kind: 'element'; of: 'policy' | 'statement' | 'principal'; has: string[] }
  | { kind: 'action'; actions: string[] }
  | { kind: 'resource'; actions: string[]; has: string[] }
  | { kind: 'principal'; type: string }
  | { kind: 'operator'; actions: string[]; has: string[] }
  | { kind: 'key'; operator: string; actions: string[]; has: string[] }
  | { kind: 'value'; operator: string; key: string }
  | { kind: 'word'; of: 'Effect' | 'Version' }
)

/** place is where in a policy an offset is; nothing where nothing can be proposed. The text needn't be whole. */
export function place(text: string, offset: number): Place | undefined {
  const at = getLocation(text, offset)
  // Between a value and its comma nothing fits.
  const path = at.path
  const token = tokenAt(text, offset, at.isAtPropertyKey)
  if (token === undefined) return undefined
  const root = parseTree(text)
  const list = path[0] === 'Statement' && typeof path[1] === 'number'
  const inside = path[0] === 'Statement' ? path.slice(list ? 2 : 1) : undefined
  const statement = list ? member(root, 'Statement')?.children?.[path[1] as number] : member(root, 'Statement')
  if (at.isAtPropertyKey) {
    const object = (node: Node | undefined) => others(node, offset)
    if (inside === undefined) return path.length === 1 ? { ...token, kind: 'element', of: 'policy', has: object(root) } : undefined
    if (inside.length === 1) return { ...token, kind: 'element', of: 'statement', has: object(statement) }
    const element = inside[0]
    if ((element === 'Principal' || element === 'NotPrincipal') && inside.length === 2) return { ...token, kind: 'element', of: 'principal', has: object(member(statement, element)) }
    if (element !== 'Condition') return undefined
    const condition = member(statement, 'Condition')
    if (inside.length === 2) return { ...token, kind: 'operator', actions: actionsOf(statement), has: object(condition) }
    if (inside.length === 3) return { ...token, kind: 'key', operator: operatorName(String(inside[1])).operator, actions: actionsOf(statement), has: object(member(condition, String(inside[1]))) }
    return undefined
  }
  if (path.length === 1 && path[0] === 'Version') return { ...token, kind: 'word', of: 'Version' }
  if (inside === undefined) return undefined
  const [element, second, third] = inside
  const item = inside.length === 1 || (inside.length === 2 && typeof second === 'number')
  switch (element) {
    case 'Effect':
      return inside.length === 1 ? { ...token, kind: 'word', of: 'Effect' } : undefined
    case 'Action':
    case 'NotAction':
      return item ? { ...token, kind: 'action', actions: stringsBut(member(statement, element), offset) } : undefined
    case 'Resource':
    case 'NotResource':
      return item ? { ...token, kind: 'resource', actions: actionsOf(statement), has: stringsBut(member(statement, element), offset) } : undefined
    case 'Principal':
    case 'NotPrincipal':
      if (inside.length === 1) return { ...token, kind: 'principal', type: '' }
      return inside.length === 2 || inside.length === 3 ? { ...token, kind: 'principal', type: String(second) } : undefined
    case 'Condition':
      return inside.length === 3 || inside.length === 4 ? { ...token, kind: 'value', operator: operatorName(String(second)).operator, key: String(third) } : undefined
  }
  return undefined
}

/** tokenAt is the string an offset is in, or the empty place where one could begin. */
function tokenAt(text: string, offset: number, key: boolean): { from: number; to: number; typed: string } | undefined {
  const line = text.lastIndexOf('\n', offset - 1) + 1
  let open = -1
  for (let i = line; i < offset; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') open = open < 0 ? i : -1
  }
  if (open >= 0) {
    const typed = text.slice(open + 1, offset)
    let to = offset
    while (to < text.length && text[to] !== '"' && text[to] !== '\n') to++
    if (text[to] === '"') return { from: open, to: to + 1, typed }
    // Quotes that aren't closed: what follows isn't the token's.
    return { from: open, to: offset, typed }
  }
  const before = /\S(?=\s*$)/.exec(text.slice(0, offset))?.[0]
  const opens = key ? ['{', ','] : ['[', ',', ':']
  return before !== undefined && opens.includes(before) ? { from: offset, to: offset, typed: '' } : undefined
}

/** others are the names an object has, but for the one being typed. */
function others(node: Node | undefined, offset: number): string[] {
  if (node?.type !== 'object') return []
  return members(node)
    .filter(m => offset < m.key.offset || offset > m.key.offset + m.key.length)
    .map(m => m.name)
}

function stringsBut(node: Node | undefined, offset: number): string[] {
  const items = node?.type === 'array' ? (node.children ?? []) : node === undefined ? [] : [node]
  return items.filter(i => i.type === 'string' && (offset < i.offset || offset > i.offset + i.length)).map(i => i.value as string)
}

/** actionsOf are those a statement names; of NotAction nothing is known but that there are others. */
function actionsOf(statement: Node | undefined): string[] {
  return stringsBut(member(statement, 'Action'), -1)
}
