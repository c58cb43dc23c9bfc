// Create a user with programmatic and console access, put it in a group with a
// policy, sign in as it, and be denied.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { GetGroupCommand, GetUserCommand, ListAccessKeysCommand, ListAttachedGroupPoliciesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { account, admin, call, choose, flow, iam, refused, settled, signIn, sts, url } from './harness.mjs'

const readOnly = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess'

flow('an administrator creates a user with a password and an access key, in a group with a policy', async (page, another) => {
  await signIn(page, admin)

  // A group with a policy.
  await page.getByRole('link', { name: 'User groups' }).first().click()
  await settled(page)
  await page.getByRole('button', { name: 'Create group' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Group name').fill('Auditors')
  await choose(dialog, 'Policies', 'IAMReadOnlyAccess')
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await page.getByRole('link', { name: 'Auditors', exact: true }).first().waitFor()
  const attached = await iam().send(new ListAttachedGroupPoliciesCommand({ GroupName: 'Auditors' }))
  assert.deepEqual(attached.AttachedPolicies.map(p => p.PolicyArn), [readOnly])

  // The wizard.
  await page.goto('/console/users/create')
  await page.getByLabel('User name').fill('alice')
  await page.getByRole('checkbox', { name: /Provide user access to the console/ }).check()
  await page.getByRole('checkbox', { name: /must choose a new password/ }).uncheck()
  await page.getByRole('checkbox', { name: /Create an access key/ }).check()
  await page.getByRole('button', { name: 'Next' }).click()
  await choose(page, 'Groups', 'Auditors')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Create user' }).click()
  await page.getByRole('heading', { name: 'User alice created' }).waitFor()

  // The credentials, once, as a file.
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download .csv file' }).click()])
  assert.equal(download.suggestedFilename(), 'alice_credentials.csv')
  const [header, row] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
  assert.equal(header, 'User name,Password,Console sign-in URL,Access key ID,Secret access key')
  const fields = [...row.matchAll(/"((?:[^"]|"")*)"|([^",]+)/g)].map(m => (m[1] ?? m[2]).replaceAll('""', '"'))
  const [name, password, link, accessKeyId, secretAccessKey] = fields
  assert.equal(name, 'alice')
  assert.equal(link, `${url}/signin?account=${account}`)

  // The group's list counts it.
  const list = await another()
  await signIn(list, admin)
  await list.goto('/console/groups')
  await list.getByRole('row', { name: 'Auditors' }).getByRole('cell', { name: '1', exact: true }).waitFor()

  // What the API says of it.
  const user = (await iam().send(new GetUserCommand({ UserName: 'alice' }))).User
  assert.equal(user.Arn, `arn:aws:iam::${account}:user/alice`)
  const members = await iam().send(new GetGroupCommand({ GroupName: 'Auditors' }))
  assert.deepEqual(members.Users.map(u => u.UserName), ['alice'])
  const keys = await iam().send(new ListAccessKeysCommand({ UserName: 'alice' }))
  assert.deepEqual(keys.AccessKeyMetadata.map(k => k.AccessKeyId), [accessKeyId])

  // Programmatic access, by the group's policy and no further.
  const own = { accessKeyId, secretAccessKey }
  assert.equal((await sts(own).send(new GetCallerIdentityCommand({}))).Arn, user.Arn)
  assert.equal((await iam(own).send(new ListUsersCommand({}))).Users.length, 2)

  // Console access, from the link that alice is given.
  const hers = await another()
  await hers.goto(link)
  assert.equal(await hers.getByLabel('Account ID or alias').inputValue(), account)
  await hers.getByLabel('User name').fill('alice')
  await hers.getByLabel('Password').fill(password)
  await hers.getByRole('button', { name: 'Sign in' }).click()
  await hers.waitForURL(url + '/console/')
  assert.equal((await call(hers, 'sts.GetCallerIdentity')).Arn, user.Arn)
  await hers.goto('/console/users')
  await hers.getByRole('link', { name: 'admin', exact: true }).waitFor()

  // Denied: the message, which is all for who may not ask for decisions.
  await hers.goto('/console/users/create')
  await hers.getByLabel('User name').fill('mallory')
  await hers.getByRole('button', { name: 'Next' }).click()
  await hers.getByRole('button', { name: 'Next' }).click()
  await hers.getByRole('button', { name: 'Create user' }).click()
  const because = `User: ${user.Arn} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::${account}:user/mallory because no identity-based policy allows the iam:CreateUser action`
  await hers.getByText(because).waitFor()
  await hers.getByRole('button', { name: /what would have allowed it/ }).click()
  await hers.getByText('The message says all that you may know.').waitFor()
  assert.equal((await refused(iam().send(new GetUserCommand({ UserName: 'mallory' })))).name, 'NoSuchEntityException')
})

flow('the review names the policy that lets a user choose a password, and history calls things by their names', async page => {
  await signIn(page, admin)
  await page.goto('/console/users/create')
  await page.getByLabel('User name').fill('reviewed-mateo')
  await page.getByRole('checkbox', { name: /Provide user access to the console/ }).check()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Attach policies directly').click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('IAMUserChangePassword', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Create user' }).click()
  await page.getByRole('button', { name: 'View user' }).click()
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByRole('row', { name: /iam:CreateUser/ }).getByText('User reviewed-mateo', { exact: true }).waitFor()
  await page.getByRole('row', { name: /iam:AttachUserPolicy/ }).getByText('Attached Policy IAMUserChangePassword', { exact: true }).waitFor()
})
