// Set the account's password policy and watch a weak password fail.
import assert from 'node:assert/strict'
import { CreateUserCommand, GetAccountPasswordPolicyCommand, GetLoginProfileCommand } from '@aws-sdk/client-iam'
import { admin, flow, iam, inBox, refused, settled, signIn } from './harness.mjs'

flow('the password policy that is set refuses a weak password', async page => {
  await iam().send(new CreateUserCommand({ UserName: 'alice' }))
  await signIn(page, admin)
  await page.goto('/console/settings')
  await settled(page)
  await inBox(page, 'Password policy', 'Edit').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Custom', { exact: true }).click()
  await dialog.getByLabel('Minimum length').fill('14')
  await dialog.getByRole('checkbox', { name: /non-alphanumeric|symbol/i }).check()
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  await page.getByText('Password policy updated.').waitFor()
  const { PasswordPolicy } = await iam().send(new GetAccountPasswordPolicyCommand({}))
  assert.equal(PasswordPolicy.MinimumPasswordLength, 14)
  assert.equal(PasswordPolicy.RequireSymbols, true)

  await page.goto('/console/users/alice?tab=credentials')
  await page.getByRole('button', { name: 'Enable console access' }).click()
  const own = dialog.getByRole('radio', { name: /Custom password/ })
  await own.click()
  await dialog.getByLabel('Password', { exact: true }).fill('Weak-pass-1')
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await dialog.getByText(/Password should have a minimum length of 14/).waitFor()
  assert.equal((await refused(iam().send(new GetLoginProfileCommand({ UserName: 'alice' })))).name, 'NoSuchEntityException')

  await dialog.getByLabel('Password', { exact: true }).fill('Correct-Horse-Battery-2')
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await dialog.waitFor({ state: 'hidden' })
  assert.equal((await iam().send(new GetLoginProfileCommand({ UserName: 'alice' }))).LoginProfile.UserName, 'alice')
})
