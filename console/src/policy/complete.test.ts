import { expect, test } from 'vitest'
import { byLevel, choose, chooseAll, groups, has, like, resourceTypes } from './actions'
import { build, fields, fit, label, shape, take } from './arns'
import { fetched, type Catalogue } from './catalogue'
import { find, operatorsFor } from './conditions'
import { cursor, propose } from './complete'
import { place } from './place'
import { s3 } from './testdata'

const catalogue: Catalogue = {
  services: async () => [
    { service: 's3', title: 'Amazon S3' },
    { service: 'sts', title: 'AWS Security Token Service' },
  ],
  service: async prefix => (prefix.toLowerCase() === 's3' ? s3 : undefined),
  globals: async () => [
    { Name: 'aws:SecureTransport', Types: ['Bool'] },
    { Name: 'aws:SourceIp', Types: ['IPAddress'] },
    { Name: 'aws:PrincipalTag/${TagKey}', Types: ['String'] },
    { Name: 'aws:TagKeys', Types: ['ArrayOfString'] },
  ],
}

/** at proposes at the | of a text. */
async function at(text: string, type: 'identity' | 'trust' = 'identity') {
  const offset = text.indexOf('|')
  const p = place(text.replace('|', ''), offset)
  return p === undefined ? undefined : (await propose(p, { type, catalogue, account: '111122223333' })).map(x => x.text)
}

const inStatement = (s: string) => `{\n  "Statement": [\n    {\n      ${s}\n    }\n  ]\n}`

test('elements fit the place, each once, and by the type of policy', async () => {
  expect(await at('{ "Version": "2012-10-17", | }')).toEqual(['Id', 'Statement'])
  expect(await at(inStatement('"Effect": "Allow", "NotAction": "*", |'))).toEqual(['Sid', 'Resource', 'NotResource', 'Condition'])
  expect(await at(inStatement('"Effect": "Allow", "A|"'))).toEqual(['Action', 'NotAction'])
  expect(await at(inStatement('"Effect": "Allow", |'), 'trust')).toEqual(['Sid', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Condition'])
  expect(await at(inStatement('"Principal": { "AW|" }'))).toEqual(['AWS'])
  expect(await at(inStatement('"Effect": "|"'))).toEqual(['Allow', 'Deny'])
  expect(await at('{"Version": |}')).toEqual(['2012-10-17', '2008-10-17'])
})

test('actions: first the service, then its actions; those that are there are left out', async () => {
  expect(await at(inStatement('"Action": ["|"]'))).toEqual(['s3:', 'sts:', '*'])
  expect(await at(inStatement('"Action": [|]'))).toEqual(['s3:', 'sts:', '*'])
  expect(await at(inStatement('"Action": ["s3:GetObject", "s3:g|"]'))).toEqual(['s3:GetBucketTagging'])
  expect(await at(inStatement('"Action": "s3:p|"'))).toEqual(['s3:PutBucketPolicy', 's3:PutObject'])
  expect(await at(inStatement('"Action": "nosuch:|"'))).toEqual([])
  expect(await at(inStatement('"Action": ["|"]'), 'trust')).toEqual(['sts:'])
})

test('resources are ARNs of the types that the actions can be asked on', async () => {
  expect(await at(inStatement('"Action": "s3:GetObject", "Resource": "|"'))).toEqual(['arn:aws:s3:::*/*', '*'])
  expect(await at(inStatement('"Action": ["s3:List*"], "Resource": ["*", "|"]'))).toEqual(['arn:aws:s3:::*'])
  expect(await at(inStatement('"Action": ["s3:*"], "Resource": ["arn:aws:s3:::*", "|"]'))).toEqual(['arn:aws:s3:*:111122223333:accesspoint/*', 'arn:aws:s3:::*/*', '*'])
})

test('conditions: operators, then the keys that they compare and the actions have', async () => {
  expect(await at(inStatement('"Condition": { "strlike|" }'))).toEqual(['StringLike', 'StringNotLike'])
  expect(await at(inStatement('"Condition": { "ForAnyValue:StringEquals|" }'))).toContain('ForAnyValue:StringEquals')
  expect(await at(inStatement('"Condition": { "BoolIf|" }'))).toEqual(['BoolIfExists'])
  expect(await at(inStatement('"Action": "s3:ListBucket", "Condition": { "StringLike": { "|" } }'))).toEqual(['s3:prefix', 'aws:PrincipalTag/', 'aws:TagKeys'])
  expect(await at(inStatement('"Action": "s3:GetObject", "Condition": { "NumericLessThanIfExists": { "|" } }'))).toEqual([])
  expect(await at(inStatement('"Action": "s3:ListBucket", "Condition": { "NumericLessThanIfExists": { "|" } }'))).toEqual(['s3:max-keys'])
  expect(await at(inStatement('"Condition": { "Bool": { "aws:SecureTransport": "|" } }'))).toEqual(['true', 'false'])
  expect(await at(inStatement('"Condition": { "IpAddress": { "aws:SourceIp": "|" } }'))).toEqual([])
})

test('nothing is proposed where nothing fits', async () => {
  for (const text of ['|', '{ "Version" | }', inStatement('"Action": ["s3:GetObject" |]'), inStatement('"Sid": "|"'), inStatement('"Effect": "Allow" |'), '{"Id": "|"}', inStatement('"Resource": { "|" }')])
    expect(await at(text), text).toBeUndefined()
})

test('what is put in has its quotes and its value, once', async () => {
  const one = async (text: string, name: string) => {
    const p = place(text.replace('|', ''), text.indexOf('|'))!
    const found = (await propose(p, { type: 'identity', catalogue })).find(x => x.text === name)!
    const plain = text.replace('|', '')
    return plain.slice(0, p.from) + found.insert.replace(cursor, '|') + plain.slice(p.to)
  }
  expect(await one('{"Statement":[{|}]}', 'Action')).toBe('{"Statement":[{"Action": [|]}]}')
  expect(await one('{"Statement":[{"Ac|": "*"}]}', 'Action')).toBe('{"Statement":[{"Action": "*"}]}')
  expect(await one('{"Statement":[{"Action":["s|"]}]}', 's3:')).toBe('{"Statement":[{"Action":["s3:|"]}]}')
  expect(await one('{"Statement":[{"Action":["s3:get|"]}]}', 's3:GetObject')).toBe('{"Statement":[{"Action":["s3:GetObject"]}]}')
  expect(await one('{"Statement":[{"Condition":{"Bool":{|}}}]}', 'aws:SecureTransport')).toBe('{"Statement":[{"Condition":{"Bool":{"aws:SecureTransport": "|"}}}]}')
})

test('patterns of actions', () => {
  expect(like('Get*', 'GetObject')).toBe(true)
  expect(like('get?bject', 'GetObject')).toBe(true)
  expect(like('*Object', 'GetObjectAcl')).toBe(false)
  expect(like('*'.repeat(50) + 'x', 'a'.repeat(2000))).toBe(false)
  expect(like('*a'.repeat(200) + 'b', 'a'.repeat(2000))).toBe(false)
})

test('actions are chosen by one, by level and all', () => {
  let actions = choose([], 's3', ['GetObject'], true)
  expect(actions).toEqual(['s3:GetObject'])
  actions = choose([...actions, 'ec2:RunInstances'], 's3', ['ListBucket', 'getobject'], true)
  expect(actions).toEqual(['s3:GetObject', 's3:ListBucket', 'ec2:RunInstances'])
  expect(choose(['s3:List*'], 's3', ['ListBucket'], true)).toEqual(['s3:List*'])
  expect(chooseAll(actions, 's3', true)).toEqual(['s3:*', 'ec2:RunInstances'])
  expect(chooseAll(['s3:*', 'ec2:*'], 's3', false)).toEqual(['ec2:*'])
  expect(chooseAll(['s3:*'], '*', true)).toEqual(['s3:*', '*'])
  const [group] = groups(['s3:List*', 'S3:getobject'])
  expect(group).toMatchObject({ service: 's3', all: false, patterns: ['s3:List*'] })
  expect([has(group!, 'GetObject'), has(group!, 'ListBucket'), has(group!, 'PutObject')]).toEqual([true, true, false])
  expect(byLevel(s3).map(([level, all]) => [level, all.length])).toEqual([
    ['List', 2],
    ['Read', 2],
    ['Write', 1],
    ['Permissions management', 1],
  ])
  expect(resourceTypes(s3, s3.Actions.filter(a => a.Name === 'ListAllMyBuckets'))).toMatchObject({ types: [], star: [{ Name: 'ListAllMyBuckets' }] })
})

test('ARNs are built of templates, and taken apart', () => {
  const object = 'arn:${Partition}:s3:::${BucketName}/${ObjectName}'
  expect(fields(object)).toEqual(['Partition', 'BucketName', 'ObjectName'])
  expect(label('BucketName')).toBe('Bucket Name')
  expect(shape(object)).toBe('arn:aws:s3:::*/*')
  expect(build(object, { BucketName: 'amzn-s3-demo-bucket' })).toBe('arn:aws:s3:::amzn-s3-demo-bucket/*')
  expect(take(object, 'arn:aws:s3:::amzn-s3-demo-bucket/a/b:c')).toEqual({ Partition: 'aws', BucketName: 'amzn-s3-demo-bucket', ObjectName: 'a/b:c' })
  expect(take(object, 'arn:aws:s3:::amzn-s3-demo-bucket')).toBeUndefined()
  expect(fit(s3, 'arn:aws:s3:::amzn-s3-demo-bucket')?.type).toBe('bucket')
  expect(fit(s3, 'arn:aws:s3:::amzn-s3-demo-bucket/*')?.type).toBe('object')
  expect(fit(s3, 'arn:aws:s3:eu-west-1:111122223333:accesspoint/x')?.type).toBe('accesspoint')
  expect(fit(s3, '*')).toBeUndefined()
})

test('keys are found by name and by template, in any case', async () => {
  const keys = await catalogue.globals()
  expect(find(keys, 'AWS:sourceip')?.Name).toBe('aws:SourceIp')
  expect(find(keys, 'aws:PrincipalTag/team')?.Name).toBe('aws:PrincipalTag/${TagKey}')
  expect(find(keys, 'aws:PrincipalTag/')).toBeUndefined()
  expect(operatorsFor('Bool')).toEqual(['Bool', 'Null'])
})

test('each file of the catalogue is asked for once, and again after a failure', async () => {
  const asked: string[] = []
  let broken = true
  const c = fetched(async path => {
    asked.push(path.replace('/console/reference/v1/', ''))
    if (path.endsWith('s3.json') && broken) return new Response('', { status: 503 })
    return Response.json(path.endsWith('service-list.json') ? [{ service: 's3', url: '', title: 'Amazon S3' }] : s3)
  })
  await expect(c.service('S3')).rejects.toThrow('503')
  broken = false
  expect((await c.service('s3'))?.Name).toBe('s3')
  await c.service('s3')
  expect(await c.service('../x')).toBeUndefined()
  expect(asked).toEqual(['service-list.json', 's3/s3.json', 's3/s3.json'])
})
