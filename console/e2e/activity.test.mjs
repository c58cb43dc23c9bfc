import assert from 'node:assert/strict'
import { CreateAccessKeyCommand, CreateLoginProfileCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { account, admin, call, flow, iam, settled, signIn } from './harness.mjs'

flow('an administrator finds a denied call, why it was denied, and whom it was about', async page => {
  await iam().send(new CreateUserCommand({ UserName: 'alice' }))
  const office = { Version: '2012-10-17', Statement: [{ Sid: 'Office', Effect: 'Allow', Action: 'iam:CreateUser', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }] }
  await iam().send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'office', PolicyDocument: JSON.stringify(office) }))
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
  // Decided as then, where the call came from a place that the policy does not allow.
  await dialog.getByText('Identity-based policy', { exact: true }).first().waitFor()
  const change = dialog.getByRole('list', { name: 'Smallest change' })
  await change.getByText('meet the conditions of Office of office, or add this statement').waitFor()
  await change.getByText('"Action": "iam:CreateUser"').waitFor()
  await dialog.getByRole('button', { name: 'Layer by layer' }).click()
  await dialog.getByText('Office would allow it, but IpAddress on aws:SourceIp does not hold').waitFor()
  const simulated = await dialog.getByRole('link', { name: 'Open in the policy simulator' }).getAttribute('href')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await row.getByRole('link', { name: 'alice' }).click()
  await page.getByRole('heading', { name: 'alice' }).first().waitFor()

  // The simulator has the question with all that is known of the request, and answers at once.
  await page.goto(simulated)
  await page.getByText('Denied: nothing allows it').waitFor()
  assert.equal(await page.getByLabel('Principal').inputValue(), `arn:aws:iam::${account}:user/alice`)
  assert.equal(await page.getByLabel('Resources').inputValue(), `arn:aws:iam::${account}:user/bob`)
  const value = page.getByRole('textbox', { name: 'Value' }).first()
  assert.equal(await value.inputValue(), '127.0.0.1')
  await value.fill('192.0.2.7')
  await page.getByRole('button', { name: 'Run simulation' }).click()
  await page.getByText('Allowed', { exact: true }).waitFor()
  await page.reload()
  await page.getByText('Allowed', { exact: true }).waitFor()

  // What the page says is what the API says.
  const found = await call(page, 'cloudtrail.LookupEvents', { LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'alice' }] })
  assert.equal(found.Events.length, 1)
  assert.match(found.Events[0].CloudTrailEvent, /"errorCode":"AccessDenied"/)
})

flow('who may look at activity and not at decisions sees the message alone', async page => {
  const user = { user: 'auditing-erin', password: 'Correct-Horse-Battery-7' }
  await iam().send(new CreateUserCommand({ UserName: user.user }))
  await iam().send(new CreateLoginProfileCommand({ UserName: user.user, Password: user.password }))
  const looks = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' }] }
  await iam().send(new PutUserPolicyCommand({ UserName: user.user, PolicyName: 'p', PolicyDocument: JSON.stringify(looks) }))
  await signIn(page, user)
  await page.goto('/console/users')
  await page.getByText('not authorized to perform: iam:ListUsers').waitFor()
  await page.getByRole('button', { name: 'Why, and what would have allowed it?' }).click()
  await page.getByText('The message says all that you may know.').waitFor()
  await page.goto('/console/activity?Username=auditing-erin')
  await page.getByRole('button', { name: 'ListUsers' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('not authorized to perform: iam:ListUsers').first().waitFor()
  await settled(page)
  assert.equal(await dialog.getByText('Looking').count(), 0)
  assert.equal(await dialog.getByText(/Smallest change|sallyport:EvaluateAt|policy simulator/).count(), 0)
})

flow('a policy is checked by the operation that the aws CLI has', async page => {
  await signIn(page, admin)
  const policyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}'
  const checked = await call(page, 'access-analyzer.ValidatePolicy', { policyDocument, policyType: 'IDENTITY_POLICY', maxResults: 1 })
  assert.equal(checked.findings[0].issueCode, 'PASS_ROLE_WITH_STAR_IN_RESOURCE')
})
