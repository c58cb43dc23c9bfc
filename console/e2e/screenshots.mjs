// Pictures of every page, light and dark, at the width of a desk and of a phone, in
// the folder shots: make screenshots.
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { admin, open, settled, signIn } from './harness.mjs'
import { furnish, named, paths, signedOut } from './pages.mjs'

test('screenshots', { timeout: 900_000 }, async () => {
  mkdirSync('shots', { recursive: true })
  await furnish()
  for (const dark of [false, true])
    for (const width of [1280, 390]) {
      const page = await open({ dark, width })
      const shoot = async path => {
        await page.goto(path)
        await settled(page)
        await page.screenshot({ path: `shots/${named(path) || 'index'}.${dark ? 'dark' : 'light'}.${width}.png` })
      }
      for (const path of signedOut) await shoot(path)
      await signIn(page, admin)
      for (const path of paths) await shoot(path)
      await page.context().close()
    }
})
