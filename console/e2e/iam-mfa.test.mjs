// Enable a virtual MFA device by its QR code and two codes, and sign in with it.
import assert from 'node:assert/strict'
import { AttachUserPolicyCommand, CreateLoginProfileCommand, CreateUserCommand, ListMFADevicesCommand, ListVirtualMFADevicesCommand } from '@aws-sdk/client-iam'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { account, admin, call, flow, iam, keys, root, settled, signIn, signInRoot, totp, url } from './harness.mjs'

const password = 'Correct-Horse-Battery-2'

/** scanned is what a phone reads in a picture on the page. */
async function scanned(picture) {
  const png = PNG.sync.read(await picture.screenshot())
  return jsqr(new Uint8ClampedArray(png.data), png.width, png.height)?.data
}

flow('a virtual MFA device is set up from the QR code on the page, and asked for at sign-in', async (page, another) => {
  await iam().send(new CreateUserCommand({ UserName: 'alice' }))
  await iam().send(new CreateLoginProfileCommand({ UserName: 'alice', Password: password }))
  await iam().send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }))
  await signIn(page, { user: 'alice', password })
  await page.goto('/console/users/alice?tab=credentials')
  await page.getByRole('button', { name: 'Assign MFA device' }).click()
  await page.getByRole('dialog').getByText('Authenticator app').first().click()
  await page.getByLabel('Device name').fill('alice-phone')
  await page.getByRole('dialog').getByRole('button', { name: 'Next' }).click()
  const picture = page.getByRole('img', { name: 'QR code for the authenticator app' })
  await picture.waitFor()
  const uri = new URL(await scanned(picture))
  assert.equal(uri.protocol, 'otpauth:')
  const seed = uri.searchParams.get('secret')

  // Wrong codes first: the message is the API's, and nothing is enabled.
  await page.getByLabel('MFA code 1').fill('000000')
  await page.getByLabel('MFA code 2').fill('000000')
  await page.getByRole('button', { name: 'Add MFA' }).click()
  await page.getByText(/InvalidAuthenticationCode/).first().waitFor()
  assert.deepEqual((await iam().send(new ListMFADevicesCommand({ UserName: 'alice' }))).MFADevices, [])

  const now = Date.now()
  await page.getByLabel('MFA code 1').fill(totp(seed, now - 30_000))
  await page.getByLabel('MFA code 2').fill(totp(seed, now))
  await page.getByRole('button', { name: 'Add MFA' }).click()
  await page.getByText('alice-phone is assigned to alice.').waitFor()
  const devices = (await iam().send(new ListMFADevicesCommand({ UserName: 'alice' }))).MFADevices
  assert.deepEqual(devices.map(d => d.SerialNumber), [`arn:aws:iam::${account}:mfa/alice-phone`])

  // A code that was used is not taken again: the next one is, a step ahead.
  const again = await another()
  await signIn(again, { user: 'alice', password }, '/signin/mfa')
  await again.getByLabel('MFA code').fill(totp(seed, now))
  await again.getByRole('button', { name: 'Continue' }).click()
  await again.getByRole('alert').filter({ hasText: /incorrect, or was used already/ }).waitFor()
  await again.getByLabel('MFA code').fill(totp(seed, Math.max(now + 30_000, Date.now())))
  await again.getByRole('button', { name: 'Continue' }).click()
  await again.waitForURL(url + '/console/')
  await settled(again)
  const sessions = (await call(again, 'sallyport.ListConsoleSessions')).Sessions
  assert.equal(sessions.find(s => s.Current).MfaAuthenticated, true)
  assert.equal((await call(again, 'iam.ListUsers')).Users.length, 2)
})

/** enters fills a page's two codes, those that end at a time, and sends them. */
async function enters(page, seed, at) {
  await page.getByLabel('MFA code 1').fill(totp(seed, at - 30_000))
  await page.getByLabel('MFA code 2').fill(totp(seed, at))
  await page.getByRole('button', { name: 'Enable' }).click()
}

flow(
  'the root user sets an authenticator app up on the page of its devices, signs in with it and removes it, without script',
  async (page, another) => {
    await signInRoot(page)
    await page.goto('/signin/devices')
    await page.getByLabel('Device name').fill('root-phone')
    await page.getByRole('button', { name: 'Authenticator app' }).click()
    await page.waitForURL(url + '/signin/devices/app')
    const seed = new URL(await scanned(page.getByRole('img', { name: 'QR code for the authenticator app' }))).searchParams.get('secret')
    assert.equal((await page.locator('#seed').innerText()).replaceAll(' ', ''), seed)

    await enters(page, seed, Date.now() - 7_200_000)
    await page.getByRole('alert').filter({ hasText: 'do not follow each other' }).waitFor()
    // Whoever comes back goes on where they were.
    await page.goto('/signin/devices')
    await page.getByText('You have begun to set up').waitFor()
    await page.getByRole('link', { name: 'Go on' }).click()
    const now = Date.now()
    await enters(page, seed, now)
    await page.waitForURL(url + '/signin/devices')
    const serial = `arn:aws:iam::${account}:mfa/root-phone`
    await page.getByText(serial).waitFor()
    assert.deepEqual((await iam(keys.root).send(new ListMFADevicesCommand())).MFADevices.map(d => d.SerialNumber), [serial])

    const again = await another()
    await again.goto('/signin/root')
    await again.getByLabel('E-mail address').fill(root.email)
    await again.getByLabel('Password').fill(root.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.waitForURL(url + '/signin/mfa')
    await again.getByLabel('MFA code').fill(totp(seed, now + 30_000))
    await again.getByRole('button', { name: 'Continue' }).click()
    await again.waitForURL(url + '/console/')
    await again.goto('/signin/devices')
    await again.getByRole('button', { name: `Remove ${serial}` }).click()
    await again.getByText('You have none.').waitFor()
    // Begun, and not gone on with.
    await again.getByLabel('Device name').fill('root-tablet')
    await again.getByRole('button', { name: 'Authenticator app' }).click()
    await again.getByRole('button', { name: 'Cancel' }).click()
    await again.waitForURL(url + '/signin/devices')
    assert.deepEqual((await iam(keys.root).send(new ListVirtualMFADevicesCommand())).VirtualMFADevices.filter(d => d.SerialNumber.includes('root-')), [])
  },
  { javaScriptEnabled: false },
)

flow('the dashboard leads to where the root user gets a second factor, which is asked for from then on', async (page, another) => {
  await signIn(page, admin)
  await page.getByRole('link', { name: /The root user has no MFA device/ }).click()
  await page.getByRole('heading', { name: 'Security credentials of the root user' }).waitFor()
  await page.getByRole('button', { name: 'Sign out, and in as the root user' }).click()
  await page.getByLabel('E-mail address').fill(root.email)
  await page.getByLabel('Password').fill(root.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(url + '/console/security-credentials')

  await page.getByRole('button', { name: 'Assign MFA device' }).click()
  await page.getByRole('dialog').getByText('Authenticator app').first().click()
  await page.getByLabel('Device name').fill('root-phone')
  await page.getByRole('dialog').getByRole('button', { name: 'Next' }).click()
  const picture = page.getByRole('img', { name: 'QR code for the authenticator app' })
  await picture.waitFor()
  const seed = new URL(await scanned(picture)).searchParams.get('secret')
  const now = Date.now()
  await page.getByLabel('MFA code 1').fill(totp(seed, now - 30_000))
  await page.getByLabel('MFA code 2').fill(totp(seed, now))
  await page.getByRole('button', { name: 'Add MFA' }).click()
  await page.getByText('root-phone is assigned to the root user.').waitFor()
  await page.getByRole('cell', { name: 'Authenticator app' }).waitFor()

  const again = await another()
  await again.goto('/signin/root')
  await again.getByLabel('E-mail address').fill(root.email)
  await again.getByLabel('Password').fill(root.password)
  await again.getByRole('button', { name: 'Sign in' }).click()
  await again.getByLabel('MFA code').fill(totp(seed, now + 30_000))
  await again.getByRole('button', { name: 'Continue' }).click()
  await again.waitForURL(url + '/console/')
  await again.goto('/console/security-credentials')
  await again.getByRole('checkbox', { name: /Select arn:.*root-phone/ }).check({ force: true })
  await again.getByRole('button', { name: 'Remove' }).first().click()
  const dialog = again.getByRole('dialog', { name: /Remove MFA device/ })
  await dialog.getByRole('textbox').fill(`arn:aws:iam::${account}:mfa/root-phone`)
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await again.getByText('No MFA devices').waitFor()
})
