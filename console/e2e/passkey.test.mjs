// Passkeys and security keys, with Chromium's own authenticator
// (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/).
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CreateLoginProfileCommand, CreateUserCommand, ListMFADevicesCommand } from '@aws-sdk/client-iam'
import { account, admin, call, flow, iam, keys, root, settled, signIn, signInRoot, url } from './harness.mjs'

/** authenticator gives a page's browser one: a security key, or a passkey of the browser itself. */
async function authenticator(page, options = {}) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
  })
  return {
    credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    add: credential => devtools.send('WebAuthn.addCredential', { authenticatorId, credential }),
    clear: () => devtools.send('WebAuthn.clearCredentials', { authenticatorId }),
  }
}

async function person(user) {
  const password = 'Correct-Horse-1'
  await iam(keys.root).send(new CreateUserCommand({ UserName: user }))
  await iam(keys.root).send(new CreateLoginProfileCommand({ UserName: user, Password: password }))
  return { user, password }
}

const devices = async (credentials, UserName) => (await iam(credentials).send(new ListMFADevicesCommand({ UserName }))).MFADevices.map(d => d.SerialNumber)

/** shot keeps pictures of a page where SALLYPORT_SCREENSHOTS says, in both themes and widths. */
async function shot(page, name) {
  const folder = process.env.SALLYPORT_SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  for (const width of [1280, 390])
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: width < 600 ? 844 : 800 })
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.emulateMedia({ colorScheme: 'light' })
}

/** adds registers a passkey on the page of one's own devices. */
async function adds(page, name) {
  await page.goto('/signin/devices')
  await page.getByLabel('Device name').fill(name)
  await shot(page, 'devices')
  await page.getByRole('button', { name: 'Passkey or security key' }).click()
  await page.getByRole('heading', { name: 'Register a passkey or security key' }).waitFor()
  await shot(page, 'register')
  await page.getByRole('button', { name: 'Create passkey' }).click()
}

const proves = page => page.getByRole('button', { name: 'Use passkey or security key' }).click()

flow('an administrator assigns a user a passkey, the user signs in with it, and it is removed', async page => {
  const alice = await person('alice')
  const key = await authenticator(page)
  await signIn(page, admin)
  await page.goto('/console/users/alice?tab=credentials')
  await settled(page)
  await page.getByRole('button', { name: 'Assign MFA device' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Assign MFA device' })
  await dialog.getByText('Passkey or security key').first().click()
  await dialog.getByLabel('Device name').fill('alice-key')
  await shot(page, 'assign')
  await dialog.getByRole('button', { name: 'Create passkey' }).click()
  await page.getByText('alice-key is assigned to alice.').waitFor()
  const [serial] = await devices(keys.admin, 'alice')
  assert.match(serial, new RegExp(`^arn:aws:iam::${account}:u2f/user/alice/alice-key-[A-Z2-7]{26}$`))
  await page.getByText(serial).first().waitFor()

  await page.context().clearCookies()
  await signIn(page, alice, '/signin/mfa')
  await shot(page, 'mfa-passkey')
  await proves(page)
  await page.waitForURL(url + '/console/')
  assert.equal((await call(page, 'sts.GetCallerIdentity')).Arn, `arn:aws:iam::${account}:user/alice`)
  assert.equal((await key.credentials())[0].signCount, 2)

  // Her administrator takes it off in the console.
  await page.context().clearCookies()
  await signIn(page, admin)
  await page.goto('/console/users/alice?tab=credentials')
  await settled(page)
  await page.getByRole('row', { name: new RegExp(serial) }).getByRole('radio').or(page.getByRole('row', { name: new RegExp(serial) }).getByRole('checkbox')).first().check()
  await page.getByRole('button', { name: 'Remove', exact: true }).first().click()
  const remove = page.getByRole('dialog')
  await remove.getByLabel(/To confirm/).last().fill(serial)
  await remove.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText(serial).first().waitFor({ state: 'detached' })
  assert.deepEqual(await devices(keys.admin, 'alice'), [])
  await page.context().clearCookies()
  await signIn(page, alice)
})

flow('the root user registers a security key, signs in with it and removes it', async page => {
  const key = await authenticator(page, { hasResidentKey: false, hasUserVerification: false, isUserVerified: false })
  await signInRoot(page)
  await adds(page, 'root-key')
  await page.waitForURL(url + '/signin/devices')
  const serial = await page.locator('.devices .arn').first().innerText()
  assert.match(serial, new RegExp(`^arn:aws:iam::${account}:u2f/root/root-key-[A-Z2-7]{26}$`))
  await shot(page, 'devices-one')
  // A second one needs the first: this session came without.
  await adds(page, 'another').catch(() => {})
  await page.getByRole('alert').filter({ hasText: 'authenticated with an MFA device' }).waitFor()

  await page.context().clearCookies()
  await page.goto('/signin/root')
  await page.getByLabel('E-mail address').fill(root.email)
  await page.getByLabel('Password').fill(root.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(url + '/signin/mfa')
  await proves(page)
  await page.waitForURL(url + '/console/')

  // The same key again is refused by the browser, which knows it.
  await adds(page, 'again')
  await page.getByText('This passkey or security key is registered already.').waitFor()
  assert.equal((await key.credentials()).length, 1)
  await page.goto('/signin/devices')
  await page.getByRole('button', { name: `Remove ${serial}` }).click()
  await page.getByText('You have none.').waitFor()
  await page.context().clearCookies()
  await signInRoot(page)
})

flow('a copy of a security key is refused, and a browser without the key says so', async page => {
  const bob = await person('bob')
  const key = await authenticator(page)
  await signIn(page, admin)
  await page.goto('/console/users/bob?tab=credentials')
  await settled(page)
  await page.getByRole('button', { name: 'Assign MFA device' }).first().click()
  await page.getByRole('dialog').getByLabel('Device name').fill('bob-key')
  await page.getByRole('dialog').getByRole('button', { name: 'Create passkey' }).click()
  await page.getByText('bob-key is assigned to bob.').waitFor()
  const [copy] = await key.credentials()

  await page.context().clearCookies()
  await signIn(page, bob, '/signin/mfa')
  await proves(page)
  await page.waitForURL(url + '/console/')
  await key.clear()
  await key.add(copy)
  await page.context().clearCookies()
  await signIn(page, bob, '/signin/mfa')
  await proves(page)
  await page.getByRole('heading', { name: 'The security key was refused' }).waitFor()
  await shot(page, 'copy')

  await key.clear()
  await signIn(page, bob, '/signin/mfa')
  await proves(page)
  await page.getByText('Nothing was confirmed. Try again.').waitFor()
  await shot(page, 'mfa-nothing')
})
