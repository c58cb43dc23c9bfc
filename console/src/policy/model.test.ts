import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from './json'
import { add, duplicate, operatorName, operatorOf, read, remove, write, written, type Condition, type Statement } from './model'

// Documents as people write them, and as they shouldn't.
const name = fc.constantFrom('s3:GetObject', 's3:*', '*', 'iam:Get*', 'ec2:RunInstances', '', 'ü"\\\n', '__proto__')
const scalar = fc.oneof(name, fc.integer(), fc.boolean(), fc.constantFrom(1e21, -0.5))
const oneOrMore = <T>(a: fc.Arbitrary<T>) => fc.oneof(a, fc.array(a, { maxLength: 3 }))
const condition = fc.dictionary(
  fc.constantFrom('StringEquals', 'ForAnyValue:StringLikeIfExists', 'Bool', 'IfExists', 'x:y', 'NumericLessThanIfExists'),
  fc.dictionary(fc.constantFrom('aws:SourceIp', 'aws:PrincipalTag/team', 's3:prefix', ''), oneOrMore(scalar), { minKeys: 1, maxKeys: 3 }),
  { maxKeys: 3 },
)
const principal = fc.oneof(
  fc.constant('*'),
  fc.dictionary(fc.constantFrom('AWS', 'Service', 'Federated', 'CanonicalUser'), fc.oneof(name, fc.array(name, { minLength: 1, maxLength: 3 }))),
)
const plain = fc.record(
  {
    Sid: fc.constantFrom('', 'First', 'Second'),
    Effect: fc.constantFrom('Allow', 'Deny'),
    Principal: principal,
    Action: oneOrMore(name),
    Resource: oneOrMore(name),
    Condition: condition,
  },
  { requiredKeys: ['Effect'] },
)
const statement = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.record({ Effect: fc.constant('Deny'), NotAction: oneOrMore(name), NotResource: oneOrMore(name) }, { requiredKeys: ['Effect', 'NotAction'] }) },
  { weight: 1, arbitrary: fc.record({ Effect: fc.constantFrom('allow', 'Deny'), NotPrincipal: principal, Action: oneOrMore(scalar), Extra: fc.jsonValue({ maxDepth: 2 }) }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
)
const document = fc.record(
  { Version: fc.constantFrom('2012-10-17', '2008-10-17'), Id: fc.string(), Statement: fc.oneof({ weight: 5, arbitrary: fc.array(statement, { maxLength: 4 }) }, { weight: 1, arbitrary: statement }), Other: fc.jsonValue({ maxDepth: 1 }) },
  { requiredKeys: ['Statement'] },
)
const indent = fc.constantFrom(undefined, 1, 2, 4, '\t')
const text = fc.tuple(document, indent).map(([d, i]) => JSON.stringify(d, null, i))

const list = (v: unknown) => (v === undefined ? undefined : [v].flat())
const texts = (v: unknown) => list(v)?.map(x => (typeof x === 'string' ? x : JSON.stringify(x)))

/** meaning is what a statement says, however it is written. */
function meaning(s: Record<string, unknown>): unknown {
  const map = (o: unknown, f: (v: unknown) => unknown) => Object.entries((o ?? {}) as object).map(([k, v]) => [k, f(v)]).sort()
  return {
    ...s,
    Action: list(s.Action),
    NotAction: list(s.NotAction),
    Resource: list(s.Resource),
    Principal: typeof s.Principal === 'object' ? map(s.Principal, list) : s.Principal,
    Condition: map(s.Condition, v => map(v, texts)),
  }
}

const statementsOf = (t: string): unknown[] => [(JSON.parse(t) as { Statement: unknown }).Statement].flat()

describe('text, model, text', { timeout: 60_000 }, () => {
  test('what is shown means what was written, and writing it again changes nothing', () => {
    let shown = 0
    fc.assert(
      fc.property(text, t => {
        const policy = read(t)
        const all = statementsOf(t)
        if (policy.only !== undefined) return
        expect(policy.entries.length).toBe(all.length)
        policy.entries.forEach((e, i) => {
          if (e.shown === undefined) {
            expect(e.only).toBeTruthy()
            return
          }
          shown++
          expect(meaning(JSON.parse(JSON.stringify(written(e.shown))) as never)).toEqual(meaning(all[i] as never))
          expect(write(t, i, e.shown)).toBe(t)
        })
      }),
      { numRuns: 400 },
    )
    expect(shown).toBeGreaterThan(200)
  })

  const wanted: fc.Arbitrary<Statement> = fc.record({
    sid: fc.constantFrom(undefined, '', 'New'),
    effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    principals: fc.oneof(fc.constant(undefined), fc.constant('*' as const), fc.array(fc.record({ type: fc.constantFrom('AWS' as const, 'Service' as const), value: name }), { minLength: 1, maxLength: 3 })),
    not: fc.boolean(),
    actions: fc.array(name, { maxLength: 3 }),
    resources: fc.oneof(fc.constant(undefined), fc.array(name, { maxLength: 3 })),
    conditions: fc.uniqueArray(
      fc.record({
        qualifier: fc.constantFrom('' as const, 'ForAnyValue' as const),
        operator: fc.constantFrom('StringEquals', 'Bool'),
        ifExists: fc.boolean(),
        key: fc.constantFrom('aws:SourceIp', 'aws:PrincipalTag/team', 's3:prefix', ''),
        values: fc.array(name, { maxLength: 3 }),
      }),
      { selector: c => operatorOf(c) + c.key, maxLength: 4 },
    ),
  })

  test('any change to a statement is made, and nothing else', () => {
    let changed = 0
    fc.assert(
      fc.property(text, wanted, (t, after) => {
        const policy = read(t)
        const before = statementsOf(t)
        policy.entries.forEach((e, i) => {
          if (e.shown === undefined) return
          changed++
          const out = write(t, i, after)
          const now = statementsOf(out)
          expect(meaning(now[i] as never)).toEqual(meaning(JSON.parse(JSON.stringify(written(after))) as never))
          expect(now.filter((_, n) => n !== i)).toEqual(before.filter((_, n) => n !== i))
          expect({ ...(JSON.parse(out) as object), Statement: null }).toEqual({ ...(JSON.parse(t) as object), Statement: null })
        })
      }),
      { numRuns: 400 },
    )
    expect(changed).toBeGreaterThan(200)
  })

  test('statements are added, copied and removed, and the others stay', () => {
    fc.assert(
      fc.property(text, t => {
        const policy = read(t)
        if (policy.only !== undefined) return
        const before = statementsOf(t)
        expect(statementsOf(add(t, { Effect: 'Deny' }))).toEqual([...before, { Effect: 'Deny' }])
        policy.entries.forEach((_, i) => {
          expect(statementsOf(remove(t, i))).toEqual(before.filter((_, n) => n !== i))
          const copied = statementsOf(duplicate(t, i))
          expect(copied.filter((_, n) => n !== i + 1)).toEqual(before)
          const [a, b] = [before[i], copied[i + 1]] as [{ Sid?: unknown }, { Sid?: unknown }]
          if (typeof a?.Sid === 'string' && a.Sid !== '') expect(b.Sid).not.toBe(a.Sid)
          else expect(b).toEqual(a)
        })
      }),
      { numRuns: 500 },
    )
  })

  test('any text at all is read without an error', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), text.chain(t => fc.nat(t.length).map(n => t.slice(0, n)))), t => void read(t)), { numRuns: 400 })
    expect(read('['.repeat(100_000)).problems.length).toBeGreaterThan(0)
    expect(read('x'.repeat(600_000)).problems[0]?.message).toMatch(/too long/)
  })

  test('names of operators are taken apart and put together', () => {
    fc.assert(fc.property(fc.string(), n => void expect(operatorOf(operatorName(n))).toBe(n)))
    expect(operatorName('ForAnyValue:StringLikeIfExists')).toEqual({ qualifier: 'ForAnyValue', operator: 'StringLike', ifExists: true })
  })
})

const typed = `{
    "Version": "2012-10-17",
    "Statement": [
        { "Sid": "Odd", "Effect": "Deny",   "Action": "*", "NotResource": "*" },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"
        }
    ]
}`

describe('what was typed', () => {
  const shown = () => read(typed).entries[1]!.shown!

  test('stays, but for the element that changed', () => {
    const out = write(typed, 1, { ...shown(), actions: ['s3:GetObject', 's3:ListBucket'], conditions: [bool('aws:SecureTransport', 'true')] })
    expect(out).toBe(`{
    "Version": "2012-10-17",
    "Statement": [
        { "Sid": "Odd", "Effect": "Deny",   "Action": "*", "NotResource": "*" },
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:ListBucket"
            ],
            "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
            "Condition": {
                "Bool": {
                    "aws:SecureTransport": "true"
                }
            }
        }
    ]
}`)
    expect(write(out, 1, { ...shown(), sid: undefined }).includes('Condition')).toBe(false)
  })

  test('is shown as JSON only where the visual editor has no form for it, with the reason', () => {
    expect(read(typed).entries[0]).toMatchObject({ only: 'It uses NotResource.', sid: 'Odd' })
    for (const [statement, why] of [
      ['{"Effect":"Allow","Effect":"Deny"}', 'Effect is there twice.'],
      ['{"Effect":"Deny","NotPrincipal":"*"}', 'It uses NotPrincipal.'],
      ['{"Effect":"Deny","Action":"*","NotAction":"*"}', 'It has both Action and NotAction.'],
      ['{"Effect":"Deny","Action":[1]}', 'Action holds something that is no text.'],
      ['{"Effect":"Deny","Condition":{"Bool":{}}}', 'Bool has no keys.'],
      ['{"Effect":"Deny","Principal":{"Aws":"*"}}', 'Aws is no type of principal.'],
      ['{"effect":"Deny"}', 'effect is no element of a statement.'],
      ['[]', 'It is no object.'],
    ] as const)
      expect(read(`{"Statement":[${statement}]}`).entries[0]?.only).toBe(why)
    expect(read('[]').only).toBe('A policy is an object.')
    expect(read('{"Statement":[],"Statement":[]}').only).toBe('Statement is there twice.')
  })

  test('is kept when a value beside it changes: a number stays a number', () => {
    const t = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":1e1,"a:b":[true]}}}}'
    const s = read(t).entries[0]!.shown!
    expect(s.conditions.map(c => c.values)).toEqual([['1e1'], ['true']])
    expect(write(t, 0, { ...s, conditions: [s.conditions[0]!, { ...s.conditions[1]!, values: ['false'] }] })).toBe(t.replace('[true]', '["false"]'))
  })

  test('one statement that is in no list becomes a list with a second', () => {
    const t = `{\n  "Statement": {\n    "Effect": "Allow"\n  }\n}`
    expect(add(t, { Effect: 'Deny' })).toBe(`{\n  "Statement": [\n    {\n      "Effect": "Allow"\n    },\n    {\n      "Effect": "Deny"\n    }\n  ]\n}`)
  })

  test('an empty text begins a policy', () => {
    const t = add('  ', { Effect: 'Allow', Action: [], Resource: '*' })
    expect(read(t).version).toBe('2012-10-17')
    expect(read(t).entries[0]?.shown?.resources).toEqual(['*'])
  })

  test('problems say where they are', () => {
    expect(parse('{"a": }').problems[0]).toMatchObject({ offset: 6, message: 'A value is expected.' })
    expect(parse('{"a": 1,}').problems.length).toBeGreaterThan(0)
    expect(parse('{} // no').problems.length).toBeGreaterThan(0)
  })

  test('a policy of hundreds of statements is changed in a moment', () => {
    const statements = Array.from({ length: 400 }, (_, i) => ({ Sid: `S${i}`, Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `arn:aws:s3:::amzn-s3-demo-bucket/${i}/*` }))
    const t = JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 4)
    const out = write(t, 399, { ...read(t).entries[399]!.shown!, effect: 'Deny' })
    expect(out).toBe(t.replace(/"Allow"(?![\s\S]*"Allow")/, '"Deny"'))
  })
})

function bool(key: string, value: string): Condition {
  return { qualifier: '', operator: 'Bool', ifExists: false, key, values: [value] }
}
