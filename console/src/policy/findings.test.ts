import { expect, test } from 'vitest'
import { pretty } from '../entity/PolicyText'
import { counted, found, syntax, validated } from './findings'

const at = (line: number, column: number) => ({ line, column, offset: 0 })

test('syntax errors have their line, without a server', () => {
  expect(syntax('{\n  "Version" "x"\n}')[0]).toMatchObject({ severity: 'ERROR', row: 1, column: 12, text: 'A colon is expected.' })
  expect(syntax('{}')).toEqual([])
  expect(syntax(' \n')).toEqual([])
})

test('findings are ordered by type and place, and keep every place', () => {
  const finding = (findingType: 'ERROR' | 'SECURITY_WARNING' | 'SUGGESTION', locations: { line: number }[], learnMoreLink = 'https://docs.aws.amazon.com/x') => ({
    findingType,
    issueCode: 'CODE',
    findingDetails: 'Details',
    learnMoreLink,
    locations: locations.map(l => ({ path: [], span: { start: at(l.line, 4), end: at(l.line, 9) } })),
  })
  const all = found([finding('SUGGESTION', [{ line: 1 }]), finding('SECURITY_WARNING', [{ line: 9 }, { line: 3 }]), finding('ERROR', [], 'javascript:alert(1)')])
  expect(all.map(f => [f.severity, f.row])).toEqual([
    ['ERROR', 0],
    ['SECURITY_WARNING', 2],
    ['SECURITY_WARNING', 8],
    ['SUGGESTION', 0],
  ])
  expect(all[0]?.link).toBeUndefined()
  expect(all[1]).toMatchObject({ column: 4, end: { row: 2, column: 9 }, link: 'https://docs.aws.amazon.com/x' })
  expect(counted(all)).toBe('1 error, 2 security warnings, 1 suggestion')
})

test('a trust policy is checked as one', () => {
  expect(validated('trust')).toEqual({ policyType: 'RESOURCE_POLICY', validatePolicyResourceType: 'AWS::IAM::AssumeRolePolicyDocument' })
})

test('a document is set on lines only if that changes nothing but blanks', () => {
  expect(pretty('{"a": [1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
  for (const text of ['{"a":1,"a":2}', '{"n":12345678901234567890}', '{"n":1e1}', '{\n"a":1}', '{', '"\\u0041"', '{"x":"a  b"}'])
    expect(text === '{"x":"a  b"}' ? JSON.parse(pretty(text)) : pretty(text)).toEqual(text === '{"x":"a  b"}' ? { x: 'a  b' } : text)
})
