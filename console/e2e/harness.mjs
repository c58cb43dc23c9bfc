// What every browser test needs: the server it is run against, a browser that
// reports whatever goes wrong in it, people who sign in, and the API as other
// clients see it.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { IAMClient } from '@aws-sdk/client-iam'
import { STSClient } from '@aws-sdk/client-sts'
import { chromium } from 'playwright-core'

const given = name => process.env[name] ?? assert.fail(`${name} is not set: these tests are started by "go test ./test/console"`)

/** url is the server's, by name: passkeys need one. */
export const url = given('SALLYPORT_URL')
export const account = given('SALLYPORT_ACCOUNT')
export const admin = { user: 'admin', password: given('SALLYPORT_ADMIN_PASSWORD') }
export const root = { email: given('SALLYPORT_ROOT_EMAIL'), password: given('SALLYPORT_ROOT_PASSWORD') }
export const keys = {
  admin: { accessKeyId: given('SALLYPORT_ADMIN_ACCESS_KEY_ID'), secretAccessKey: given('SALLYPORT_ADMIN_SECRET_ACCESS_KEY') },
  root: { accessKeyId: given('SALLYPORT_ROOT_ACCESS_KEY_ID'), secretAccessKey: given('SALLYPORT_ROOT_SECRET_ACCESS_KEY') },
}

const client = credentials => ({ endpoint: url, region: 'us-east-1', maxAttempts: 1, credentials })
/** iam and sts are AWS's own clients, signing with a pair of credentials. */
export const iam = (credentials = keys.admin) => new IAMClient(client(credentials))
export const sts = (credentials = keys.admin) => new STSClient(client(credentials))

// One browser for a file, with a profile of its own.
const profile = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'))
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
let browser
const launched = () => (browser ??= chromium.launch({ executablePath: given('SALLYPORT_CHROMIUM'), headless: true, args: flags, env: { ...process.env, HOME: profile } }))
after(async () => {
  await (await browser)?.close()
  rmSync(profile, { recursive: true, force: true })
})

/**
 * open is a page of a browser without cookies, at the address / and not yet anywhere.
 * page.problems holds what no test expects: exceptions, breaches of the
 * Content-Security-Policy, errors on the console and requests to anybody else.
 * `width`, `dark` and whatever else playwright's newContext takes are settings.
 */
export async function open({ width = 1280, dark = false, ...settings } = {}) {
  const context = await (await launched()).newContext({
    baseURL: url, locale: 'en-GB', timezoneId: 'UTC', viewport: { width, height: width < 600 ? 844 : 800 },
    colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', ...settings,
  })
  context.setDefaultTimeout(60_000)
  const problems = []
  context.on('request', r => {
    if (!['data:', 'blob:'].includes(new URL(r.url()).protocol) && new URL(r.url()).origin !== url) problems.push(`a request to ${r.url()}`)
  })
  await context.exposeBinding('breach', (_, what) => problems.push(`the Content-Security-Policy refused ${what}`))
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', e => globalThis.breach(`${e.violatedDirective} ${e.blockedURI} (${e.sourceFile}:${e.lineNumber})`)),
  )
  context.on('weberror', e => problems.push(`an exception: ${e.error().stack ?? e.error()}`))
  context.on('console', m => {
    // What the server refuses is told on the page.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) problems.push(`on the console: ${m.text()}`)
  })
  context.on('dialog', d => {
    problems.push(`a dialog: ${d.message()}`)
    return d.dismiss()
  })
  const page = await context.newPage()
  page.problems = problems
  return page
}

/** signIn signs an IAM user in, and waits for the page that follows: the console, or what is asked for next. */
export async function signIn(page, { user, password, account: where = account }, then = '/console/') {
  await page.goto('/console/')
  await page.getByLabel('Account ID or alias').fill(where)
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(url + then)
}

/** signInRoot signs the root user in. */
export async function signInRoot(page) {
  await page.goto('/signin/root')
  await page.getByLabel('E-mail address').fill(root.email)
  await page.getByLabel('Password').fill(root.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(url + '/console/')
}

/** call makes an API call as whoever is signed in on a page, as the console does: call(page, 'iam.GetUser', {…}). */
export function call(page, target, input = {}) {
  return page.evaluate(
    async ([target, body]) => {
      const reply = await fetch('/console/api/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': target, 'X-Sallyport-Csrf': '1' },
        body,
      })
      return { status: reply.status, ...JSON.parse((await reply.text()) || '{}') }
    },
    [target, JSON.stringify(input)],
  )
}

/**
 * flow is a test in a browser. run gets a page; every page it opens by its second
 * argument, and the first, is held to have had no problem.
 */
export function flow(name, run, settings) {
  test(name, { timeout: 300_000 }, async t => {
    const pages = []
    const another = async (with_ = {}) => {
      const page = await open({ ...settings, ...with_ })
      pages.push(page)
      return page
    }
    try {
      await run(await another(), another, t)
    } catch (e) {
      for (const page of pages) t.diagnostic(`the page was ${page.url()}\n${(await page.locator('body').innerText().catch(() => '')).slice(0, 3000)}`)
      throw e
    } finally {
      await Promise.all(pages.map(p => p.context().close()))
    }
    assert.deepEqual(pages.flatMap(p => p.problems), [], 'nothing unexpected happened in the browser')
  })
}

/** settled waits until a page has loaded what it shows. */
export async function settled(page) {
  await page.locator('h1, [class*="awsui_alert"]').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => ![...document.querySelectorAll('body *')].some(e => e.childElementCount === 0 && /^Loading/.test(e.textContent ?? '')))
}

/** choose takes what has a text in a choice of several with a search, such as "Policies". */
export async function choose(scope, choice, text) {
  await scope.getByRole('button', { name: new RegExp(`^${choice}`) }).first().click()
  const search = scope.getByLabel(`Search ${choice.toLowerCase()}`).filter({ visible: true }).first()
  await search.fill(text)
  await scope.getByRole('option', { name: text }).first().click()
  await search.press('Escape')
}

/** inBox is the box below a heading, as far as a button with a name. */
export function inBox(page, heading, button) {
  return page.getByRole('heading', { name: heading }).first().locator(`xpath=ancestor::*[.//button[normalize-space()="${button}"]][1]`).getByRole('button', { name: button, exact: true })
}

/** totp is the code that an authenticator app with a seed (base32) shows at a time (RFC 6238). */
export function totp(seed, at = Date.now()) {
  let bits = ''
  for (const c of seed.replace(/=+$/, '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')
  const key = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

/** refused is the error a promise ends with, which must be one. */
export async function refused(promise) {
  return promise.then(
    () => assert.fail('it was not refused'),
    e => e,
  )
}
