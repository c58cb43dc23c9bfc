import { expect, test } from 'vitest'
import { fromAddress, toAddress } from './filter'

const properties = ['name', 'path']

test('a filter survives the way through an address', () => {
  const query = {
    tokens: [
      { operator: ':', value: 'alice' },
      { propertyKey: 'path', operator: '=', value: '/a|b/' },
    ],
    operation: 'or' as const,
  }
  const address = toAddress(new URLSearchParams('tab=x&q=old&f=old'), query)
  expect(address.get('tab')).toBe('x')
  expect(fromAddress(new URLSearchParams(address.toString()), properties)).toEqual(query)
})

test('what an address may not ask for is left out', () => {
  expect(fromAddress(new URLSearchParams('f=constructor|=|x&f=name|evil|x&f=name&q='), properties)).toEqual({ tokens: [], operation: 'and' })
})
