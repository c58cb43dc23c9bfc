import { expect, test } from 'vitest'
import { diff } from './diff'
import { summarize } from './summarize'

test('a difference keeps what is in both', () => {
  expect(diff('a\nb\nc', 'a\nx\nc').map(l => l.sign + l.text)).toEqual([' a', '-b', '+x', ' c'])
  expect(diff('a', 'a').map(l => l.sign)).toEqual([' '])
  // What was made, or is gone, has no empty line on the other side.
  expect(diff('', 'a').map(l => l.sign)).toEqual(['+'])
  expect(diff('a', '').map(l => l.sign)).toEqual(['-'])
})

test('a summary gathers by service, denials first', () => {
  const rows = summarize(
    JSON.stringify({
      Statement: [
        { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::amzn-s3-demo-bucket/*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
        { Effect: 'Deny', NotAction: 'iam:*', Resource: '*' },
      ],
    }),
  )
  expect(rows).toEqual([
    { effect: 'Deny', service: 'All services', actions: 'All but iam:*', resources: 'All resources', conditions: '' },
    { effect: 'Allow', service: 's3', actions: 'GetObject, ListBucket', resources: 'arn:aws:s3:::amzn-s3-demo-bucket/*', conditions: 'aws:SecureTransport (Bool)' },
  ])
  expect(summarize('{')).toBeUndefined()
})
