import { expect, test } from 'vitest'
import type { ExplainedLayer, ExplainedStatement } from '../api/sallyport.gen'
import { pretty } from '../entity/PolicyText'
import { change, decider, entityOf, layerName, marked, outcome, policyName, sourceOf } from './explain'

const iam = 'arn:aws:iam::111122223333:'
const statement: ExplainedStatement = { StatementIndex: 2, Effect: 'Allow', Matched: true, Line: 1, Column: 1, EndLine: 1, Failures: [] }
const ip = { Element: 'Condition', Operator: 'IpAddress', Key: 'aws:SourceIp', Absent: true, Unresolved: false, Line: 1, Column: 1 } as const

test('the text of a policy is where its kind has it', () => {
  expect(sourceOf('identityPolicy', { PolicyArn: iam + 'policy/p', AttachedTo: iam + 'group/crew' })).toEqual({ from: 'managed', arn: iam + 'policy/p' })
  expect(sourceOf('resourcePolicy', { AttachedTo: iam + 'role/ops/deploy' })).toEqual({ from: 'trust', role: 'deploy' })
  expect(sourceOf('identityPolicy', { PolicyName: 'own', AttachedTo: iam + 'group/crew' })).toEqual({ from: 'inline', kind: 'Group', name: 'crew', policy: 'own' })
  expect(sourceOf('resourcePolicy', {})).toEqual({ from: 'question', layer: 'resourcePolicy' })
  expect(sourceOf('identityPolicy', { PolicyName: 'AllowUsersToChangePassword' })).toBeUndefined()
  expect(sourceOf('sessionPolicy', {})).toEqual({ from: 'question', layer: 'sessionPolicy' })
  expect(sourceOf('serviceControlPolicy', { PolicyName: 'guard' })).toBeUndefined()
})

test('who has a policy is named without the path', () => {
  expect(entityOf(iam + 'user/staff/red/alice')).toEqual({ kind: 'User', name: 'alice' })
  expect(entityOf(iam + 'role/Auditor')).toEqual({ kind: 'Role', name: 'Auditor' })
  expect(entityOf(iam + 'root')).toBeUndefined()
  expect(entityOf('')).toBeUndefined()
})

test('layers and policies have names', () => {
  expect(layerName({ Layer: 'permissionsBoundary' })).toBe('Permissions boundary')
  expect(layerName({ Layer: 'serviceControlPolicy', Level: 2 })).toBe('Service control policy, level 2')
  expect(policyName('identityPolicy', { PolicyArn: 'arn:aws:iam::aws:policy/job-function/Billing' })).toBe('Billing')
  expect(policyName('resourcePolicy', {})).toBe('The policy of the resource')
})

test('a statement says how it fared', () => {
  expect(outcome(statement)).toBe('Statement 2 allows it')
  expect(outcome({ ...statement, StatementId: 'Never', Effect: 'Deny' })).toBe('Never denies it')
  expect(outcome({ ...statement, StatementId: 'Office', Matched: false, Failures: [ip, { ...ip, Operator: 'Bool', Key: 'aws:SecureTransport', Absent: false }] })).toBe(
    'Office would allow it, but IpAddress on aws:SourceIp does not hold: the request has no such key; Bool on aws:SecureTransport does not hold',
  )
})

test('only the statement that decided is marked as such', () => {
  const other = { ...statement, StatementIndex: 1 }
  const unmet = { ...statement, Matched: false }
  const layer = (Layer: ExplainedLayer['Layer'], PolicyName: string, ...Statements: ExplainedStatement[]): ExplainedLayer => ({ Layer, Effect: 'allow', Policies: [{ PolicyName, StatementCount: 2, Statements }] })
  const by = { Layer: 'identityPolicy', PolicyName: 'own', StatementIndex: 2 } as const
  const others = [layer('permissionsBoundary', 'own', statement), layer('identityPolicy', 'more', statement), layer('identityPolicy', 'own', other, unmet)]
  expect(decider(others, by)).toBeUndefined()
  // A group may have a policy of the same name: the engine takes the first.
  const first = { ...statement }
  expect(decider([...others, layer('identityPolicy', 'own', other, first), layer('identityPolicy', 'own', statement)], by)).toBe(first)
  expect(decider(others, { Layer: 'identityPolicy' })).toBeUndefined()
})

test('the smallest change is put into words', () => {
  expect(change({ Layer: 'serviceControlPolicy', Level: 1, Remove: { Layer: 'serviceControlPolicy', PolicyName: 'guard', StatementIndex: 3 } })).toEqual({
    words: 'Service control policy, level 1: take statement 3 of guard away, or narrow it.',
  })
  const { words, add } = change({ Layer: 'identityPolicy', Add: '{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}', Near: { Layer: 'identityPolicy', PolicyName: 'own', StatementId: 'Office', StatementIndex: 1 } })
  expect(words).toBe('Identity-based policy: meet the conditions of Office of own, or add this statement.')
  expect(JSON.parse(add!)).toEqual({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })
})

test('a statement and its failed conditions are found in the text, however it is laid out', () => {
  const document = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Action: 's3:*', Resource: '*' },
      { Effect: 'Allow', Action: '*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } },
    ],
  }
  const compact = JSON.stringify(document)
  expect(marked(compact, 2, [ip])).toEqual({ from: 1, to: 1, failed: [1] })
  const text = pretty(compact)
  const { from, to, failed } = marked(text, 2, [ip])!
  const lines = text.split('\n')
  expect(JSON.parse(lines.slice(from - 1, to).join('\n'))).toEqual(document.Statement[1])
  expect(failed.map(l => lines[l - 1]!.trim())).toEqual(['"aws:SourceIp": "192.0.2.0/24"'])
  // A single statement needs no list.
  expect(marked('{"Version":"2012-10-17",\n"Statement":\n{"Effect":"Allow",\n"Action":"*","Resource":"*"}}', 1, [])).toEqual({ from: 3, to: 4, failed: [] })
  expect(marked(text, 3, [])).toBeUndefined()
  expect(marked('{"Statement":{}}', 2, [])).toBeUndefined()
  expect(marked('not JSON', 1, [])).toBeUndefined()
  expect(marked(text, 1, [ip])!.failed).toEqual([])
})
