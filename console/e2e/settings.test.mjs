// The settings of the account, one's sessions, and the header of who acts as a role.
import assert from 'node:assert/strict'
import { CreateRoleCommand, GetAccountSummaryCommand, GetOutboundWebIdentityFederationInfoCommand, ListAccountAliasesCommand } from '@aws-sdk/client-iam'
import { account, admin, flow, iam, settled, signIn, url } from './harness.mjs'

flow('the alias, the version of tokens and outbound federation are set', async page => {
  await signIn(page, admin)
  await page.goto('/console/settings')
  await page.getByText('At least three of: uppercase letters').waitFor()
  await page.locator('#alias').getByRole('button', { name: 'Create' }).click()
  let dialog = page.getByRole('dialog', { name: 'Account alias' })
  await dialog.getByLabel('Alias').fill('Example')
  await dialog.getByText('It does not have this form.').waitFor()
  await dialog.getByLabel('Alias').fill('example-corp')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText("The account's alias is example-corp.").waitFor()
  assert.deepEqual((await iam().send(new ListAccountAliasesCommand({}))).AccountAliases, ['example-corp'])

  await page.locator('#sts').getByRole('button', { name: 'Change' }).click()
  dialog = page.getByRole('dialog', { name: 'Session tokens of the global endpoint' })
  await dialog.getByRole('radio', { name: /^Valid in all Regions/ }).check({ force: true })
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  await page.getByText('Tokens of the version are issued from now on.').waitFor()
  assert.equal((await iam().send(new GetAccountSummaryCommand({}))).SummaryMap.GlobalEndpointTokenVersion, 2)

  await page.locator('#federation').getByRole('button', { name: 'Enable' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click()
  await page.locator('#federation').getByText('Enabled').waitFor()
  assert.equal((await iam().send(new GetOutboundWebIdentityFederationInfoCommand({}))).JwtVendingEnabled, true)
})

flow('one’s sessions are listed, and another is ended', async (page, another) => {
  const other = await another()
  await signIn(other, admin)
  await signIn(page, admin)
  await page.goto('/console/sessions')
  await page.getByText('this session').waitFor()
  const rows = page.getByRole('row').filter({ hasText: 'Chrome' })
  assert.equal(await rows.count() >= 2, true)
  for (const row of await rows.filter({ hasNotText: 'this session' }).all()) await row.getByRole('checkbox').check({ force: true })
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText(/(is|are) ended\./).waitFor()
  await other.goto('/console/users')
  await other.waitForURL(/\/signin\?next=/)
  await page.goto('/console/users')
  await settled(page)
})

flow('the role in use is marked, and left by the header', async page => {
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }] }
  await iam().send(new CreateRoleCommand({ RoleName: 'marked', AssumeRolePolicyDocument: JSON.stringify(trust) }))
  await signIn(page, admin)
  await page.goto(`/signin/switchrole?account=${account}&roleName=marked&displayName=Deployment&color=red`)
  await page.getByRole('button', { name: 'Switch role' }).click()
  await page.waitForURL(url + '/console/')
  const mark = page.locator('.role-mark.red')
  await mark.getByText('Deployment').waitFor()
  await mark.getByRole('button', { name: 'Switch back to admin' }).click()
  await mark.waitFor({ state: 'detached' })
  // The browser remembers it, and the menu takes it on again.
  await page.getByRole('button', { name: /^admin @/ }).click()
  await page.getByRole('menuitem', { name: /Deployment/ }).click()
  await mark.getByText('Deployment').waitFor()
})
