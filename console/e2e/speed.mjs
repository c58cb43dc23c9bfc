// How soon lists show their first rows, with 5,000 users and every policy:
//   go test ./test/console -run '^TestBrowser$' -count 1 -v -files speed.mjs
import { test } from 'node:test'
import { CreateUserCommand } from '@aws-sdk/client-iam'
import { admin, iam, open, settled, signIn } from './harness.mjs'

test('first rows', { timeout: 400_000 }, async t => {
  const client = iam()
  let next = 0
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (next < 5000) await client.send(new CreateUserCommand({ UserName: `user-${String(next++).padStart(4, '0')}` }))
  }))
  const page = await open()
  await signIn(page, admin)
  await settled(page)
  for (const list of ['Users', 'Policies']) {
    const times = []
    for (let i = 0; i < 7; i++) {
      await page.getByRole('link', { name: 'Account settings' }).first().click()
      await page.getByRole('heading', { name: 'Account settings' }).waitFor()
      await page.waitForLoadState('networkidle')
      times.push(await page.evaluate(list => new Promise(shown => {
        const from = performance.now()
        const look = () => (document.querySelector('tbody tr a') ? shown(performance.now() - from) : requestAnimationFrame(look))
        ;[...document.querySelectorAll('nav a')].find(a => a.textContent === list).click()
        requestAnimationFrame(look)
      }), list))
    }
    // The first has the page's code to load.
    const [first, ...later] = times.map(Math.round)
    t.diagnostic(`${list}: first ${first} ms, then median ${later.sort((a, b) => a - b)[3]} ms, worst ${later.at(-1)} ms`)
  }
  await page.context().close()
})
