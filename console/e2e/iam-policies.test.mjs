// Write the S3 read-only policy in the JSON editor.
import assert from 'node:assert/strict'
import { GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam'
import { account, admin, flow, iam, settled, signIn } from './harness.mjs'

const document = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'ReadExampleBucket', Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::amzn-s3-demo-bucket', 'arn:aws:s3:::amzn-s3-demo-bucket/*'] },
  ],
}

flow('the S3 read-only policy is written in the JSON editor', async page => {
  await signIn(page, admin)
  await page.goto('/console/policies/create')
  await settled(page)
  const editor = page.locator('.ace_text-input').first()
  await editor.focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(JSON.stringify(document, null, 2))
  await page.getByText('ReadExampleBucket').first().waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Policy name').fill('S3ReadOnly')
  await page.getByRole('button', { name: 'Create policy' }).click()
  await page.waitForURL(/policies\/details/)
  await page.getByRole('heading', { name: 'S3ReadOnly' }).first().waitFor()
  const arn = `arn:aws:iam::${account}:policy/S3ReadOnly`
  const policy = (await iam().send(new GetPolicyCommand({ PolicyArn: arn }))).Policy
  const version = await iam().send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: policy.DefaultVersionId }))
  assert.deepEqual(JSON.parse(decodeURIComponent(version.PolicyVersion.Document)), document)
})
