// axe-core finds nothing serious on any page, light and dark.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { before } from 'node:test'
import { admin, flow, settled, signIn, url } from './harness.mjs'
import { furnish, paths, signedOut } from './pages.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

before(furnish)

/** findings are what axe-core calls serious or critical, with where it is. */
async function findings(page) {
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return violations
    .filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map(n => `${n.target.join(' ')} ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).join(' | ')}`)
}

for (const dark of [false, true])
  for (const width of [1280, 390])
    flow(
      `no page has a serious finding, ${dark ? 'dark' : 'light'}, ${width} px`,
      async page => {
        await page.addInitScript(axe)
        const found = []
        const see = async path => {
          await settled(page)
          for (const f of await findings(page)) found.push(`${path}: ${f}`)
        }
        const look = async path => {
          await page.goto(path)
          await see(path)
        }
        for (const path of signedOut) await look(path)
        await signIn(page, admin)
        for (const path of paths) await look(path)
        // Only who is setting an authenticator app up sees this page.
        await page.goto('/signin/devices')
        await page.getByLabel('Device name').fill('admin-phone')
        await page.getByRole('button', { name: 'Authenticator app' }).click()
        await page.waitForURL(url + '/signin/devices/app')
        await see('/signin/devices/app')
        assert.deepEqual(found, [])
      },
      { dark, width },
    )
