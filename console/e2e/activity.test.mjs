import assert from 'node:assert/strict'
import { CreateAccessKeyCommand, CreateUserCommand } from '@aws-sdk/client-iam'
import { admin, call, flow, iam, settled, signIn } from './harness.mjs'

flow('an administrator finds a denied call, why it was denied, and whom it was about', async page => {
  await iam().send(new CreateUserCommand({ UserName: 'alice' }))
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName: 'alice' }))
  const alice = iam({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey })
  await assert.rejects(alice.send(new CreateUserCommand({ UserName: 'bob' })), { name: 'AccessDenied' })

  await signIn(page, admin)
  await settled(page)
  const recent = page.getByRole('table', { name: 'Recent activity' })
  await recent.getByRole('button', { name: 'CreateUser' }).first().waitFor()
  await page.getByRole('link', { name: 'All activity' }).click()
  await page.getByRole('heading', { name: 'Activity' }).first().waitFor()
  await page.getByText('Denied').first().waitFor()

  await page.goto('/console/activity?Username=alice')
  const row = page.getByRole('row', { name: /CreateUser/ })
  await row.waitFor()
  await row.getByRole('button', { name: 'CreateUser' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('What would have allowed it').waitFor()
  await dialog.getByText('would have allowed it:').waitFor()
  await dialog.getByText('"Action": "iam:CreateUser"').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await row.getByRole('link', { name: 'alice' }).click()
  await page.getByRole('heading', { name: 'alice' }).first().waitFor()

  // What the page says is what the API says.
  const found = await call(page, 'cloudtrail.LookupEvents', { LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'alice' }] })
  assert.equal(found.Events.length, 1)
  assert.match(found.Events[0].CloudTrailEvent, /"errorCode":"AccessDenied"/)
})

flow('a policy is checked by the operation that the aws CLI has', async page => {
  await signIn(page, admin)
  const policyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}'
  const checked = await call(page, 'access-analyzer.ValidatePolicy', { policyDocument, policyType: 'IDENTITY_POLICY', maxResults: 1 })
  assert.equal(checked.findings[0].issueCode, 'PASS_ROLE_WITH_STAR_IN_RESOURCE')
})
