import { groups, keysOf, matched, resourceTypes } from './actions'
import { shape } from './arns'
import { levelOf, type Action, type Catalogue, type ConditionKey, type Service } from './catalogue'
import { allOperators, compares, family, stem, typeOf, valuesFor } from './conditions'
import { elements, principalTypes, top } from './model'
import type { Place } from './place'
import type { PolicyType } from './PolicyEditor'

/** Proposal is something that fits at a place. */
export interface Proposal {
  /** text is what is typed for it, without quotes. */
  text: string
  /** insert is what is put in, in quotes where they belong. "\0" is where the cursor goes. */
  insert: string
  /** meta is what it is, in a word or two. */
  meta: string
}

export interface Context {
  type: PolicyType
  catalogue: Catalogue
  /** account is put where an ARN names one. */
  account?: string
}

/** cursor is where it goes after a proposal is put in. */
export const cursor = '\0'

const quoted = (text: string, meta: string): Proposal => ({ text, insert: JSON.stringify(text), meta })
/** begun is a text that is still to be completed: the cursor stays before the quotes. */
const begun = (text: string, meta: string): Proposal => ({ text, insert: `${JSON.stringify(text).slice(0, -1)}${cursor}"`, meta })

/** most is how many proposals are made; who types on gets those that still fit. */
const most = 1000

/** propose gives what fits at a place and to what is typed there. */
export async function propose(place: Place, c: Context): Promise<Proposal[]> {
  const all = await fitting(place, c)
  const typed = place.typed.toLowerCase()
  return all.filter(p => fits(p.text.toLowerCase(), typed)).slice(0, most)
}

/** fits: all of what is typed is there, in order. */
function fits(text: string, typed: string): boolean {
  let at = 0
  for (const ch of typed) {
    at = text.indexOf(ch, at) + 1
    if (at === 0) return false
  }
  return true
}

async function fitting(place: Place, c: Context): Promise<Proposal[]> {
  switch (place.kind) {
    case 'element':
      return elementsFor(place, c.type)
    case 'word':
      return (place.of === 'Effect' ? ['Allow', 'Deny'] : ['2012-10-17', '2008-10-17']).map(w => quoted(w, place.of))
    case 'action':
      return actionsFor(place.typed, place.actions, c)
    case 'resource':
      return resourcesFor(place, c)
    case 'principal':
      return principalsFor(place.type, c)
    case 'operator':
      return operatorsAt(place, c)
    case 'key':
      return keysAt(place, c)
    case 'value':
      return valuesFor(place.operator).map(v => quoted(v, place.operator))
  }
}

/** bodies are what an element's value begins as. */
const bodies: Record<string, string> = {
  Version: '"2012-10-17"',
  Id: `"${cursor}"`,
  Statement: `[${cursor}]`,
  Sid: `"${cursor}"`,
  Effect: `"Allow"`,
  Principal: `{${cursor}}`,
  NotPrincipal: `{${cursor}}`,
  Action: `[${cursor}]`,
  NotAction: `[${cursor}]`,
  Resource: `[${cursor}]`,
  NotResource: `[${cursor}]`,
  Condition: `{${cursor}}`,
}

/** pairs are elements of which a statement has one. */
const pairs = [
  ['Action', 'NotAction'],
  ['Resource', 'NotResource'],
  ['Principal', 'NotPrincipal'],
]

function elementsFor(place: Extract<Place, { kind: 'element' }>, type: PolicyType): Proposal[] {
  const names: readonly string[] = place.of === 'policy' ? top : place.of === 'principal' ? principalTypes : elements
  const without = new Set(place.has)
  for (const pair of pairs) if (pair.some(p => without.has(p))) pair.forEach(p => without.add(p))
  if (place.of === 'statement') {
    if (type === 'identity' || type === 'service-control') without.add('Principal').add('NotPrincipal')
    if (type === 'resource-control') without.add('NotPrincipal')
    if (type === 'trust') without.add('Resource').add('NotResource')
  }
  // What has a value already keeps it.
  const value = place.to > place.from
  return names
    .filter(n => !without.has(n))
    .map(n => ({ text: n, insert: value ? JSON.stringify(n) : `"${n}": ${bodies[n] ?? `"${cursor}"`}`, meta: place.of === 'principal' ? 'Principal' : 'Element' }))
}

async function actionsFor(typed: string, actions: string[], c: Context): Promise<Proposal[]> {
  const colon = typed.indexOf(':')
  const has = new Set(actions.map(a => a.toLowerCase()))
  if (colon < 0) {
    const services = await c.catalogue.services()
    const known = services.filter(s => c.type !== 'trust' || s.service === 'sts')
    return [...known.map(s => begun(s.service + ':', s.title)), ...(c.type === 'trust' ? [] : [quoted('*', 'All actions')])]
  }
  const service = await c.catalogue.service(typed.slice(0, colon))
  if (service === undefined) return []
  const prefix = service.Name
  return [...service.Actions.map(a => quoted(`${prefix}:${a.Name}`, levelOf(a))), quoted(`${prefix}:*`, 'All actions')].filter(p => !has.has(p.text.toLowerCase()))
}

/** named are the services of actions with those of their actions that are named; all is set when there may be others. */
async function named(actions: string[], c: Context): Promise<{ services: { service: Service; actions: Action[] }[]; all: boolean }> {
  const services = []
  let all = actions.length === 0
  for (const g of groups(actions)) {
    if (g.service === '*' || g.service === '') {
      all ||= g.service === '*'
      continue
    }
    const service = await c.catalogue.service(g.service)
    if (service !== undefined) services.push({ service, actions: matched(service, g) })
  }
  return { services, all }
}

async function resourcesFor(place: Extract<Place, { kind: 'resource' }>, c: Context): Promise<Proposal[]> {
  const { services } = await named(place.actions, c)
  const has = new Set(place.has)
  const out = new Map<string, Proposal>()
  for (const { service, actions } of services)
    for (const t of resourceTypes(service, actions).types)
      for (const format of t.ARNFormats) {
        const arn = withAccount(shape(format.replaceAll('${Account}', '\0')), c.account)
        if (!has.has(arn)) out.set(arn, quoted(arn, t.Name))
      }
  return [...out.values(), ...(has.has('*') ? [] : [quoted('*', 'All resources')])]
}

const withAccount = (arn: string, account: string | undefined) => arn.replaceAll('\0', account ?? '*')

function principalsFor(type: string, c: Context): Proposal[] {
  const account = c.account ?? '111122223333'
  switch (type) {
    case '':
      return c.type === 'trust' || c.type === 'resource' || c.type === 'resource-control' ? [quoted('*', 'Everyone')] : []
    case 'AWS':
      return [quoted(`arn:aws:iam::${account}:root`, 'Account'), begun(`arn:aws:iam::${account}:role/`, 'Role'), begun(`arn:aws:iam::${account}:user/`, 'User'), quoted('*', 'Everyone')]
    case 'Federated':
      return [begun(`arn:aws:iam::${account}:oidc-provider/`, 'OIDC provider'), begun(`arn:aws:iam::${account}:saml-provider/`, 'SAML provider')]
    case 'Service':
      return ['ec2', 'ecs-tasks', 'lambda', 'cloudtrail', 'events', 's3', 'sns', 'sqs', 'states'].map(s => quoted(`${s}.amazonaws.com`, 'Service'))
  }
  return []
}

/** keys are the condition keys that fit actions: global ones, and of the services those that their requests may carry. */
export async function keys(actions: string[], c: Pick<Context, 'catalogue'>): Promise<ConditionKey[]> {
  const { services } = await named(actions, c as Context)
  const globals = await c.catalogue.globals()
  const out = new Map(globals.map(k => [k.Name, k]))
  for (const { service, actions: found } of services) {
    const names = keysOf(service, found)
    for (const k of service.ConditionKeys) if (names.has(k.Name)) out.set(k.Name, k)
  }
  return [...out.values()].sort((a, b) => Number(a.Name.startsWith('aws:')) - Number(b.Name.startsWith('aws:')) || (a.Name < b.Name ? -1 : 1))
}

async function operatorsAt(place: Extract<Place, { kind: 'operator' }>, _: Context): Promise<Proposal[]> {
  const has = new Set(place.has)
  const value = place.to > place.from
  const [, qualifier = ''] = /^(ForA(?:llValues|nyValue):)/i.exec(place.typed) ?? []
  // IfExists and the qualifiers are proposed to who asks for them by typing.
  const ending = /if/i.test(place.typed) ? ['', 'IfExists'] : ['']
  const names = allOperators.flatMap(o => (o === 'Null' ? [o] : ending.map(e => o + e)))
  const all = qualifier ? names.filter(o => o !== 'Null').map(o => qualifier + o) : [...names, 'ForAllValues:', 'ForAnyValue:']
  return all
    .filter(o => !has.has(o))
    .map(o => (o.endsWith(':') ? begun(o, 'Qualifier') : { text: o, insert: value ? JSON.stringify(o) : `"${o}": {${cursor}}`, meta: family(o.replace(/^.*:|IfExists$/g, '')) ?? '' }))
}

async function keysAt(place: Extract<Place, { kind: 'key' }>, c: Context): Promise<Proposal[]> {
  const all = await keys(place.actions, c)
  const has = new Set(place.has.map(k => k.toLowerCase()))
  const known = family(place.operator) !== undefined
  const value = place.to > place.from
  return all
    .filter(k => !has.has(k.Name.toLowerCase()) && (!known || compares(place.operator, typeOf(k).type)))
    .map(k => {
      const type = k.Types[0] ?? ''
      if (k.Name.includes('${')) return begun(stem(k.Name), type)
      return { text: k.Name, insert: value ? JSON.stringify(k.Name) : `${JSON.stringify(k.Name)}: "${cursor}"`, meta: type }
    })
}

