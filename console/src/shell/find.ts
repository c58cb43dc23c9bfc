/** Kind is what a thing that search finds is, and the heading it stands under. */
export type Kind = 'Pages' | 'Services' | 'Users' | 'User groups' | 'Roles' | 'Policies' | 'Identity providers' | 'Instance profiles' | 'MFA devices' | 'Access keys' | 'Actions' | 'Records'

/** Entry is a thing that search finds. */
export interface Entry {
  kind: Kind
  name: string
  /** detail tells it from others of the name: an ARN, or what a page is for. */
  detail: string
  /** more are further words it is found by: a unique id, a path. */
  more?: string
  /** to is its page. */
  to: string
}

/** Group is what was found of a kind. */
export interface Group {
  kind: Kind
  found: Entry[]
  /** all is how many there are; found has the best. */
  all: number
}

/** best is how many of a kind are shown. */
const best = 6

const order: Kind[] = ['Pages', 'Access keys', 'Users', 'User groups', 'Roles', 'Policies', 'Identity providers', 'Instance profiles', 'MFA devices', 'Services', 'Actions', 'Records']

/**
 * rank says how well an entry answers: the lower the better, undefined for not at all.
 * All words of the query must be there. A whole name is better than its beginning,
 * that than the beginning of a word in it, and that than anything else.
 */
export function rank(entry: Entry, words: string[]): number | undefined {
  const name = entry.name.toLowerCase()
  // What says of itself that it is what was asked for, such as an ARN, is as good as its name.
  if (words.length === 1 && (entry.detail.toLowerCase() === words[0] || entry.more?.toLowerCase().split(' ').includes(words[0]!))) return 0
  let sum = 0
  for (const word of words) {
    if (name === word) sum += 0
    else if (name.startsWith(word)) sum += 1
    else if (name.split(/[\s._/@+=,-]+/).some(part => part.startsWith(word))) sum += 2
    else if (name.includes(word)) sum += 3
    else if (entry.detail.toLowerCase().includes(word) || entry.more?.toLowerCase().includes(word)) sum += 4
    else return undefined
  }
  return sum
}

/** find is what answers a query, by kind: the kind with the best answer first. */
export function find(entries: Iterable<Entry>, query: string): Group[] {
  const words = query.toLowerCase().split(/\s+/).filter(w => w !== '')
  if (words.length === 0) return []
  const groups = new Map<Kind, { entry: Entry; rank: number }[]>()
  for (const entry of entries) {
    const r = rank(entry, words)
    if (r === undefined) continue
    const group = groups.get(entry.kind)
    if (group) group.push({ entry, rank: r })
    else groups.set(entry.kind, [{ entry, rank: r }])
  }
  const found = order.flatMap(kind => {
    const group = groups.get(kind)
    if (!group) return []
    group.sort((a, b) => a.rank - b.rank || a.entry.name.length - b.entry.name.length || (a.entry.name < b.entry.name ? -1 : 1))
    return [{ rank: group[0]!.rank, kind, found: group.slice(0, best).map(g => g.entry), all: group.length }]
  })
  return found.sort((a, b) => a.rank - b.rank).map(({ rank: _, ...group }) => group)
}

/** lists are the pages that show all of a kind. */
export const lists: Partial<Record<Kind, string>> = {
  Users: '/users',
  'User groups': '/groups',
  Roles: '/roles',
  Policies: '/policies',
  'Identity providers': '/providers',
  Services: '/reference',
}
