import { expect, test } from 'vitest'
import { addressOf, fromAddress, gathered } from './question'

test('a question is the same when it is read from its address', () => {
  const question = {
    principal: 'arn:aws:iam::111122223333:user/staff/alice',
    actions: ['s3:GetObject', 's3:PutObject'],
    resources: ['arn:aws:s3:::amzn-s3-demo-bucket/a&b=c'],
    context: [{ Key: 'aws:UserAgent', Values: ['a, b=c'] }, { Key: 'aws:TagKeys', Values: ['x', 'y'] }],
  }
  expect(fromAddress(new URL(addressOf(question), 'http://localhost').searchParams)).toEqual(question)
  expect(fromAddress(new URLSearchParams())).toEqual({ principal: '', actions: [], resources: [], context: [] })
})

test('rows of one condition key are its values', () => {
  expect(gathered([{ key: 'aws:TagKeys', value: 'a' }, { key: '', value: 'b' }, { key: 'AWS:tagkeys', value: 'c' }])).toEqual([{ Key: 'aws:TagKeys', Values: ['a', 'c'] }])
})
