// What the simulator says of a decision, layer by layer, down to the lines of each policy.
import assert from 'node:assert/strict'
import { AddUserToGroupCommand, CreateGroupCommand, CreateRoleCommand, CreateUserCommand, PutGroupPolicyCommand, PutUserPermissionsBoundaryCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { account, admin, flow, iam, settled, signIn } from './harness.mjs'

const policy = (...Statement) => JSON.stringify({ Version: '2012-10-17', Statement })
const object = 'arn:aws:s3:::amzn-s3-demo-bucket/key'
const alice = `arn:aws:iam::${account}:user/alice`

/** ask opens the simulator with a question, and asks it. */
async function ask(page, principal, action, given = {}) {
  await page.goto('/console/simulator?' + new URLSearchParams({ principal, action, resource: object }))
  await settled(page)
  for (const [label, text] of Object.entries(given)) {
    await page.getByRole('button', { name: 'Policies of the resource and the session' }).click()
    await page.getByLabel(label).fill(text)
  }
  await page.getByRole('button', { name: 'Run simulation' }).click()
}

const layer = (page, name) => page.getByRole('region', { name, exact: true })
/** marked are the lines that are marked in the text of a statement. */
const marked = async (scope, statement) => {
  const text = scope.getByLabel(`${statement} in its policy`)
  await text.waitFor()
  return (await text.locator('.marked').allInnerTexts()).map(l => l.replace(/^\s*\d+\s*/, '').trim())
}

flow('each layer is explained, with its statements in their policies', async page => {
  const send = c => iam().send(c)
  await send(new CreateUserCommand({ UserName: 'alice' }))
  await send(new CreateGroupCommand({ GroupName: 'crew' }))
  await send(new AddUserToGroupCommand({ UserName: 'alice', GroupName: 'crew' }))
  await send(new PutUserPolicyCommand({
    UserName: 'alice', PolicyName: 'own',
    PolicyDocument: policy({ Sid: 'Lists', Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }, { Sid: 'Office', Effect: 'Allow', Action: 's3:PutObject', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }),
  }))
  await send(new PutGroupPolicyCommand({ GroupName: 'crew', PolicyName: 'crew-policy', PolicyDocument: policy({ Sid: 'Never', Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' }) }))
  await send(new PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }))
  await signIn(page, admin)

  // Nothing allows it, and a condition is all that is missing.
  await ask(page, alice, 's3:PutObject')
  const identity = layer(page, 'Identity-based policy')
  await identity.getByText('Does not allow').waitFor()
  await identity.getByRole('button', { name: /Office would allow it, but IpAddress on aws:SourceIp does not hold: the request has no such key/ }).click()
  assert.ok((await marked(identity, 'Office')).includes('"Sid": "Office",'))
  assert.deepEqual((await identity.locator('.failed').allInnerTexts()).map(l => l.replace(/^\s*\d+\s*/, '').trim()), ['"aws:SourceIp": "192.0.2.0/24"'])
  const boundary = layer(page, 'Permissions boundary')
  await boundary.getByText('Allows', { exact: true }).waitFor()
  await boundary.getByRole('button', { name: /Statement 1 allows it/ }).click()
  assert.ok((await marked(boundary, 'Statement 1')).some(l => l.includes('s3:*')))
  const change = page.getByRole('list', { name: 'Smallest change' })
  await change.getByText('meet the conditions of Office of own, or add this statement').waitFor()
  await change.getByText('"Action": "s3:PutObject"').waitFor()

  // A group's policy denies: the statement that decided is open.
  await ask(page, alice, 's3:DeleteObject')
  await identity.getByText('Denies explicitly').waitFor()
  await identity.getByRole('button', { name: /Never denies it.*Decided/ }).waitFor()
  assert.ok((await marked(identity, 'Never')).includes('"Action": "s3:DeleteObject",'))
  await identity.getByRole('link', { name: 'crew', exact: true }).waitFor()
  await change.getByText('take Never of crew-policy away').waitFor()

  // The policy of the resource, as the question gives it.
  await ask(page, alice, 's3:GetObject', { 'Policy of the resource': policy({ Sid: 'Bucket', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }) })
  const resource = layer(page, 'Resource-based policy')
  await resource.getByRole('button', { name: /Bucket denies it.*Decided/ }).waitFor()
  assert.ok((await marked(resource, 'Bucket')).includes('"Sid": "Bucket",'))
})

flow('a session of a role and the root user are explained', async page => {
  const trust = policy({ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' })
  await iam().send(new CreateRoleCommand({ RoleName: 'ops', AssumeRolePolicyDocument: trust }))
  await signIn(page, admin)
  await ask(page, `arn:aws:sts::${account}:assumed-role/ops/night`, 's3:GetObject', { 'Session policy': policy({ Sid: 'Tonight', Effect: 'Allow', Action: 's3:*', Resource: '*' }) })
  await layer(page, 'Identity-based policy').getByText('There are no policies in this layer.').waitFor()
  const session = layer(page, 'Session policy')
  await session.getByRole('button', { name: /Tonight allows it/ }).click()
  assert.ok((await marked(session, 'Tonight')).includes('"Sid": "Tonight",'))
  await page.getByRole('list', { name: 'Smallest change' }).getByText('"Action": "s3:GetObject"').waitFor()

  await page.goto('/console/simulator?action=s3:GetObject')
  await settled(page)
  await page.getByLabel('Principal').fill('Root')
  await page.getByRole('option', { name: /Root user/ }).click()
  await page.getByRole('button', { name: 'Run simulation' }).click()
  await page.getByText('The root user may do everything in its account').waitFor()
})
