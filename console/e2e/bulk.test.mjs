// Actions on several entities, and the rotation of an access key.
import assert from 'node:assert/strict'
import { CreateAccessKeyCommand, CreateGroupCommand, CreateUserCommand, GetGroupCommand, ListAccessKeysCommand, ListUsersCommand, ListUserTagsCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { admin, flow, iam, refused, settled, signIn, sts } from './harness.mjs'

const names = ['bulk-1', 'bulk-2', 'bulk-3', 'bulk-4', 'bulk-5', 'bulk-6']

async function choose(page, action) {
  await page.goto('/console/users?q=bulk-')
  await page.getByText('6 matches').first().waitFor()
  await page.getByRole('checkbox', { name: 'Select all users' }).check({ force: true })
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

flow('users are put in a group, tagged, and deleted, all at once', async page => {
  await iam().send(new CreateGroupCommand({ GroupName: 'bulk-group' }))
  for (const UserName of names) await iam().send(new CreateUserCommand({ UserName }))
  await signIn(page, admin)

  await choose(page, 'Add to groups')
  let dialog = page.getByRole('dialog', { name: 'Add 6 users to groups' })
  await dialog.getByRole('button', { name: /^Groups/ }).click()
  await page.getByRole('option', { name: /bulk-group/ }).click()
  await page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('6 users added to groups.').waitFor()
  const group = await iam().send(new GetGroupCommand({ GroupName: 'bulk-group' }))
  assert.deepEqual(group.Users.map(u => u.UserName).sort(), names)

  await choose(page, 'Add tags')
  dialog = page.getByRole('dialog', { name: 'Add tags to 6 users' })
  await dialog.getByLabel('Key of tag 1').fill('team')
  await dialog.getByLabel('Value of tag 1').fill('blue')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('6 users tagged.').waitFor()
  const { Tags } = await iam().send(new ListUserTagsCommand({ UserName: 'bulk-6' }))
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'blue' }])

  // Nothing goes without the word.
  await choose(page, 'Delete')
  dialog = page.getByRole('dialog', { name: 'Delete 6 users?' })
  assert.equal(await dialog.getByRole('button', { name: 'Delete', exact: true }).isDisabled(), true)
  await dialog.getByLabel('To confirm, type delete').fill('delete')
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('6 users deleted.').waitFor()
  const left = await iam().send(new ListUsersCommand({}))
  assert.deepEqual(left.Users.filter(u => u.UserName.startsWith('bulk-')), [])
})

flow('an access key is rotated: a new one, its first use, the old one inactive, then gone', async page => {
  const UserName = 'rotating-erin'
  await iam().send(new CreateUserCommand({ UserName }))
  const old = (await iam().send(new CreateAccessKeyCommand({ UserName }))).AccessKey
  await signIn(page, admin)
  await page.goto(`/console/users/${UserName}?tab=credentials`)
  await page.getByText(old.AccessKeyId).first().waitFor()
  await page.getByRole('button', { name: 'Rotate' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rotate access key' })
  await dialog.getByRole('button', { name: 'Create access key' }).click()
  await dialog.getByText('The secret is shown this once.').waitFor()
  await dialog.getByRole('button', { name: 'Show' }).click()
  const secretAccessKey = (await dialog.locator('[class*=variant-code], code').filter({ hasText: /\S{40}/ }).first().innerText()).trim()
  const fresh = (await iam().send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata.find(k => k.AccessKeyId !== old.AccessKeyId)
  await dialog.getByText('let it be used once').waitFor()

  // The page notices the first use of the new key by itself.
  await sts({ accessKeyId: fresh.AccessKeyId, secretAccessKey }).send(new GetCallerIdentityCommand({}))
  await dialog.getByText('The new key is used').waitFor()
  await dialog.getByRole('button', { name: 'Deactivate the old key' }).click()
  await dialog.getByText('Wait until you are sure').waitFor()
  const denied = await refused(sts({ accessKeyId: old.AccessKeyId, secretAccessKey: old.SecretAccessKey }).send(new GetCallerIdentityCommand({})))
  assert.equal(denied.name, 'InvalidClientTokenId')

  // It can be left, and taken up again where it was.
  await dialog.getByRole('button', { name: 'Continue later' }).click()
  await page.getByRole('button', { name: 'Rotate' }).click()
  await dialog.getByLabel(`To delete it, type ${old.AccessKeyId}`).fill(old.AccessKeyId)
  await dialog.getByRole('button', { name: 'Delete the old key' }).click()
  await dialog.getByText('The access key is rotated.').waitFor()
  const { AccessKeyMetadata } = await iam().send(new ListAccessKeysCommand({ UserName }))
  assert.deepEqual(AccessKeyMetadata.map(k => k.AccessKeyId), [fresh.AccessKeyId])
  await settled(page)
})
