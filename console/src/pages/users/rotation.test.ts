import { expect, test } from 'vitest'
import { pair, stage, stillUsed, type Key } from './rotation'

const old: Key = { id: 'AKIAIOSFODNN7EXAMPLE', active: true, created: 1000, used: 5000 }
const fresh: Key = { id: 'AKIAI44QH8DHBEXAMPLE', active: true, created: 9000 }

test('a rotation is led from its start to its end', () => {
  expect(stage(old, undefined)).toBe('create')
  expect(stage(old, fresh)).toBe('use')
  expect(stage(old, { ...fresh, used: 9500 })).toBe('deactivate')
  expect(stage({ ...old, active: false }, { ...fresh, used: 9500 })).toBe('delete')
  expect(stage(undefined, fresh)).toBe('done')
})

test('the older of two keys is the one to go', () => {
  expect(pair([fresh, old])).toEqual({ old, fresh })
  expect(pair([old])).toEqual({ old, fresh: undefined })
  expect(pair([])).toEqual({ old: undefined, fresh: undefined })
})

test('a key that is still in use is told of', () => {
  const day = 24 * 3600
  expect(stillUsed(old, fresh, 5000 + day - 1)).toBe(true)
  expect(stillUsed(old, fresh, 5000 + day)).toBe(false)
  expect(stillUsed({ ...old, used: 9600 }, { ...fresh, used: 9500 }, 9600 + 2 * day)).toBe(true)
  expect(stillUsed({ ...old, used: undefined }, fresh, 9600)).toBe(false)
})
