import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'

/**
 * json reads a text as JSON and changes parts of it: what isn't changed stays as it
 * was typed, blanks and all.
 */
export type { Node }

/** Problem is why a text isn't JSON. */
export interface Problem {
  offset: number
  length: number
  message: string
}

/** longest is the longest text that is read, in UTF-16 units; twice what the server takes. */
export const longest = 512 * 1024

const words: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'A value is in quotes, or true, false, null or a number.',
  InvalidNumberFormat: 'This is no number.',
  PropertyNameExpected: 'A name in quotes is expected.',
  ValueExpected: 'A value is expected.',
  ColonExpected: 'A colon is expected.',
  CommaExpected: 'A comma is expected.',
  CloseBraceExpected: 'A closing brace is expected.',
  CloseBracketExpected: 'A closing bracket is expected.',
  EndOfFileExpected: 'Nothing may follow the end of the document.',
  InvalidCommentToken: 'JSON has no comments.',
  UnexpectedEndOfComment: 'JSON has no comments.',
  UnexpectedEndOfString: 'The quotes are not closed.',
  UnexpectedEndOfNumber: 'The number is not complete.',
  InvalidUnicode: 'After \\u, four hexadecimal digits are expected.',
  InvalidEscapeCharacter: 'This escape is unknown.',
  InvalidCharacter: 'This character must be escaped.',
}

/** parse reads a text; root is there only without problems. */
export function parse(text: string): { root?: Node; problems: Problem[] } {
  if (text.length > longest) return { problems: [{ offset: 0, length: 0, message: 'The document is too long to be shown here.' }] }
  const errors: ParseError[] = []
  let root: Node | undefined
  try {
    root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
    if (errors.length === 0) JSON.parse(text)
  } catch (e) {
    // The parser recurses; JSON.parse is the last to say what JSON is.
    const message = e instanceof RangeError ? 'The document is nested too deeply.' : 'This is no JSON.'
    return { problems: [{ offset: 0, length: 0, message }] }
  }
  if (errors.length > 0)
    return { problems: errors.slice(0, 20).map(e => ({ offset: e.offset, length: e.length, message: words[printParseErrorCode(e.error)] ?? 'This is no JSON.' })) }
  return { root, problems: [] }
}

/** members are those of an object, in order. */
export function members(object: Node): { name: string; key: Node; value: Node; node: Node }[] {
  const all = []
  for (const node of object.children ?? []) {
    const [key, value] = node.children ?? []
    if (key !== undefined && value !== undefined) all.push({ name: key.value as string, key, value, node })
  }
  return all
}

/** member is the one of a name. */
export function member(object: Node | undefined, name: string): Node | undefined {
  return object?.type === 'object' ? members(object).find(m => m.name === name)?.value : undefined
}

/** source is a value as it was typed. */
export function source(text: string, node: Node): string {
  return text.slice(node.offset, node.offset + node.length)
}

const splice = (text: string, from: number, to: number, content: string) => text.slice(0, from) + content + text.slice(to)

/** indentation is that of the line an offset is in. */
function indentation(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start))![0]
}

/** unit is by how much the text indents. */
export function unit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
}

/** render writes a value as the rest of the text is written. */
function render(text: string, value: unknown, indent: string): string {
  if (!text.includes('\n')) return JSON.stringify(value)
  return JSON.stringify(value, null, unit(text)).replaceAll('\n', '\n' + indent)
}

/** reindent moves all lines of a piece of text but the first. */
export function reindent(piece: string, from: string, to: string): string {
  return piece.replaceAll('\n' + from, '\n' + to)
}

/** indentOf is the indentation of the line where a value begins. */
export function indentOf(text: string, node: Node): string {
  return indentation(text, node.offset)
}

/** childIndent is the indentation of what an object or array holds. */
export function childIndent(text: string, container: Node): string {
  const first = container.children?.[0]
  if (first && text.slice(container.offset, first.offset).includes('\n')) return indentation(text, first.offset)
  return indentation(text, container.offset) + unit(text)
}

/** insertChild puts a piece of JSON into an object or array before its child at an index. */
export function insertChild(text: string, container: Node, index: number, piece: string): string {
  const children = container.children ?? []
  const first = children[0]
  const lines = first ? text.slice(container.offset, first.offset).includes('\n') : text.includes('\n')
  const between = lines ? '\n' + childIndent(text, container) : /,\s/.test(text) ? ' ' : ''
  if (first === undefined) {
    const end = lines ? '\n' + indentation(text, container.offset) : ''
    return splice(text, container.offset + 1, container.offset + container.length - 1, (lines ? between : '') + piece + end)
  }
  if (index === 0) return splice(text, first.offset, first.offset, piece + ',' + between)
  const before = children[Math.min(index, children.length) - 1]!
  const at = before.offset + before.length
  return splice(text, at, at, ',' + between + piece)
}

/** removeChild takes a member or item out. */
export function removeChild(text: string, container: Node, index: number): string {
  const children = container.children ?? []
  const child = children[index]
  if (child === undefined) return text
  const end = child.offset + child.length
  const before = children[index - 1]
  if (before) return splice(text, before.offset + before.length, end, '')
  const after = children[1]
  if (after) return splice(text, child.offset, after.offset, '')
  return splice(text, container.offset + 1, container.offset + container.length - 1, '')
}

/**
 * setMember gives a member of an object a value, or takes it away. A new one goes
 * after those that precede it in order.
 */
export function setMember(text: string, object: Node, name: string, value: unknown, order: readonly string[] = []): string {
  const all = members(object)
  const at = all.findIndex(m => m.name === name)
  if (value === undefined) return at < 0 ? text : removeChild(text, object, at)
  if (at >= 0) {
    const old = all[at]!
    return splice(text, old.value.offset, old.value.offset + old.value.length, render(text, value, indentation(text, old.node.offset)))
  }
  const rank = order.indexOf(name)
  let index = all.length
  while (rank >= 0 && index > 0 && order.indexOf(all[index - 1]!.name) > rank) index--
  return insertChild(text, object, index, `${JSON.stringify(name)}: ${render(text, value, childIndent(text, object))}`)
}

/** rename gives a member another name. */
export function rename(text: string, object: Node, from: string, to: string): string {
  const key = members(object).find(m => m.name === from)?.key
  return key === undefined ? text : splice(text, key.offset, key.offset + key.length, JSON.stringify(to))
}

/** replace puts a piece of JSON in place of a value. */
export function replace(text: string, node: Node, piece: string): string {
  return splice(text, node.offset, node.offset + node.length, piece)
}

/** insertItem puts a value into an array. */
export function insertItem(text: string, array: Node, index: number, value: unknown): string {
  return insertChild(text, array, index, render(text, value, childIndent(text, array)))
}

/** position is an offset's line and column, both from 0. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const line = before.split('\n').length - 1
  return { line, column: offset - (before.lastIndexOf('\n') + 1) }
}
