// Enable a virtual MFA device by its QR code and two codes, and sign in with it.
import assert from 'node:assert/strict'
import { AttachUserPolicyCommand, CreateLoginProfileCommand, CreateUserCommand, ListMFADevicesCommand } from '@aws-sdk/client-iam'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { account, admin, call, flow, iam, settled, signIn, totp, url } from './harness.mjs'

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
  await again.getByLabel('MFA code').fill(totp(seed, now + 30_000))
  await again.getByRole('button', { name: 'Continue' }).click()
  await again.waitForURL(url + '/console/')
  await settled(again)
  const sessions = (await call(again, 'sallyport.ListConsoleSessions')).Sessions
  assert.equal(sessions.find(s => s.Current).MfaAuthenticated, true)
  assert.equal((await call(again, 'iam.ListUsers')).Users.length, 2)
})
