import { expect, test } from 'vitest'
import { each } from './each'

const names = Array.from({ length: 10 }, (_, i) => `user-${i}`)

test('every name is acted on once, and what fails stops nothing', async () => {
  const seen: string[] = []
  let told = 0
  const end = await each(
    names,
    async name => {
      seen.push(name)
      if (name === 'user-3') throw new Error('in use')
    },
    () => told++,
  )
  expect(seen.sort()).toEqual(names)
  expect(end.done.length).toBe(9)
  expect(end.failed.map(([name, e]) => [name, e.message])).toEqual([['user-3', 'in use']])
  expect(told).toBe(10)
})

test('four are under way at a time, and none is begun after a stop', async () => {
  let under = 0
  let most = 0
  let begun = 0
  await each(
    names,
    async () => {
      begun++
      most = Math.max(most, ++under)
      await Promise.resolve()
      under--
    },
    () => {},
    () => begun >= 5,
  )
  expect(most).toBe(4)
  expect(begun).toBeLessThan(names.length)
})
