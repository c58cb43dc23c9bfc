// Policies: the editor in both of its forms, what it finds, what it proposes, and
// the versions of a policy.
import assert from 'node:assert/strict'
import { CreatePolicyCommand, CreatePolicyVersionCommand, GetPolicyCommand, GetPolicyVersionCommand, ListPolicyVersionsCommand } from '@aws-sdk/client-iam'
import { account, admin, call, flow, iam, signIn } from './harness.mjs'

const api = iam()
const arnOf = name => `arn:aws:iam::${account}:policy/${name}`

/** stored is a policy's document in force, as another client sees it. */
async function stored(name) {
  const { Policy } = await api.send(new GetPolicyCommand({ PolicyArn: arnOf(name) }))
  const { PolicyVersion } = await api.send(new GetPolicyVersionCommand({ PolicyArn: arnOf(name), VersionId: Policy.DefaultVersionId }))
  return decodeURIComponent(PolicyVersion.Document)
}

const json = page => page.locator('.policy-json .ace_text-input')
/** typed is what the JSON editor has. */
const typed = page => page.evaluate(() => document.querySelector('.policy-json .text').env.editor.getValue())

/** begin opens the JSON editor, empties it and types a text as a person's paste would. */
async function paste(page, text) {
  await json(page).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

/** chooseService picks a service by the search field of a statement. */
async function chooseService(page, search, option) {
  await page.getByRole('button', { name: 'Add a service' }).click()
  await page.getByPlaceholder('Search services').fill(search)
  await page.getByRole('option', { name: option }).first().click()
}

async function checked(page) {
  await page.locator('[data-findings=checked]').waitFor()
}

async function reviewAndCreate(page, name) {
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Policy name').fill(name)
  await page.getByRole('button', { name: 'Create policy' }).click()
  await page.waitForURL(/\/policies\/details/)
}

flow('the S3 read-only policy is written in the visual editor', async page => {
  await signIn(page, admin)
  await page.goto('/console/policies/create')
  await chooseService(page, 's3', /^Amazon S3\s+s3$/)
  await page.getByRole('checkbox', { name: /^List \(0 of/ }).click()
  await page.getByRole('button', { name: 'Read actions one by one' }).click()
  await page.getByRole('checkbox', { name: 'GetObject', exact: true }).click()
  const part = JSON.parse(await typed(page)).Statement[0]
  assert.ok(part.Action.includes('s3:ListBucket') && part.Action.includes('s3:GetObject') && !part.Action.includes('s3:PutObject'), part.Action)
  await page.getByRole('button', { name: 'Add ARN' }).click()
  await page.getByRole('button', { name: /Resource type/ }).click()
  await page.getByLabel('Search resource types').first().fill('BucketName}')
  await page.getByRole('option', { name: /^bucket\s/ }).first().click()
  await page.getByRole('textbox', { name: 'Bucket Name' }).fill('amzn-s3-demo-bucket')
  await page.getByText('arn:aws:s3:::amzn-s3-demo-bucket', { exact: true }).waitFor()
  await page.getByRole('group', { name: 'Add ARN' }).getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Add condition' }).click()
  await page.getByRole('combobox', { name: 'Condition key' }).fill('SecureT')
  await page.getByRole('option', { name: /aws:SecureTransport/ }).click()
  await page.getByRole('group', { name: 'Add condition' }).getByRole('button', { name: /Choose a value/ }).click()
  await page.getByRole('option', { name: 'true', exact: true }).click()
  await page.getByRole('group', { name: 'Add condition' }).getByRole('button', { name: 'Add', exact: true }).click()
  const statement = JSON.parse(await typed(page)).Statement[0]
  assert.equal(statement.Resource[0], 'arn:aws:s3:::amzn-s3-demo-bucket')
  assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'true' } })
  await checked(page)
  await reviewAndCreate(page, 'S3ReadOnlyVisual')
  assert.deepEqual(JSON.parse(await stored('S3ReadOnlyVisual')).Statement[0], statement)
})

const readOnly = `{
    "Version": "2012-10-17",
    "Statement": [
        { "Sid": "Rest", "Effect": "Deny",  "Action": "s3:*", "NotResource": "arn:aws:s3:::amzn-s3-demo-bucket*" },
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"]
        }
    ]
}`

flow('the same policy is written as JSON: the visual editor follows, and keeps what it has no form for', async page => {
  await signIn(page, admin)
  await page.goto('/console/policies/create')
  await json(page).waitFor({ state: 'attached' })
  await paste(page, readOnly)
  await page.getByText('Only editable as JSON').first().waitFor()
  await page.getByText('Allow · s3').waitFor()
  await page.getByRole('textbox', { name: 'Sid of statement 2' }).fill('ReadAll')
  assert.equal(await typed(page), readOnly.replace('"Read"', '"ReadAll"'))
  await page.getByRole('button', { name: 'Duplicate statement 1' }).click()
  assert.equal(JSON.parse(await typed(page)).Statement[1].Sid, 'RestCopy')
  await page.getByRole('button', { name: 'Remove statement 2' }).click()
  assert.deepEqual(JSON.parse(await typed(page)), JSON.parse(readOnly.replace('"Read"', '"ReadAll"')))
  const text = await typed(page)
  await reviewAndCreate(page, 'S3ReadOnlyJSON')
  assert.equal(await stored('S3ReadOnlyJSON'), text)
})

flow('what is wrong is shown at its line: at once where it is no JSON, else when it was checked', async page => {
  await signIn(page, admin)
  await page.goto('/console/policies/create')
  await json(page).waitFor({ state: 'attached' })
  await paste(page, '{\n  "Version": "2012-10-17",\n  "Statement": [}\n')
  await page.getByRole('button', { name: /^Line 3: / }).first().waitFor()
  await page.getByText('The JSON is not complete').waitFor()
  await page.locator('.ace_gutter-cell.ace_error').first().waitFor()

  await paste(page, '{\n  "Version": "2012-10-17",\n  "Statement": {\n    "Effect": "Allow",\n    "Action": "iam:PassRole",\n    "Resource": "*"\n  }\n}')
  const finding = page.getByRole('button', { name: /^Line 6: / }).first()
  await finding.waitFor()
  await page.getByText(/security warning/).first().waitFor()
  await finding.click()
  assert.equal(await page.evaluate(() => document.querySelector('.policy-json .text').env.editor.getCursorPosition().row), 5)
})

flow('actions, resources and elements are proposed at the keyboard', async page => {
  await signIn(page, admin)
  await page.goto('/console/policies/create')
  await json(page).waitFor({ state: 'attached' })
  await paste(page, '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[]}]}')
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('"s3:geto')
  const popup = page.locator('.ace_autocomplete')
  await popup.locator('.ace_line', { hasText: /s3:GetObject\s*Read/ }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => /"s3:GetObject"\]/.test(document.querySelector('.policy-json .text').env.editor.getValue()))
  await page.keyboard.press('ArrowRight')
  await page.keyboard.type(', ')
  await page.keyboard.press('Control+Space')
  await popup.getByText('Resource', { exact: true }).waitFor()
  assert.equal(await popup.getByText('Action', { exact: true }).count(), 0)
})

flow('versions: a new one is compared and put in force; of five, one is chosen to go', async page => {
  const policy = n => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:aws:s3:::amzn-s3-demo-bucket${n}` }] })
  await api.send(new CreatePolicyCommand({ PolicyName: 'Versions', PolicyDocument: policy(1) }))
  for (let n = 2; n <= 5; n++) await api.send(new CreatePolicyVersionCommand({ PolicyArn: arnOf('Versions'), PolicyDocument: policy(n), SetAsDefault: n === 5 }))
  await signIn(page, admin)
  await page.goto('/console/policies/details?arn=' + encodeURIComponent(arnOf('Versions')))
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('radio', { name: 'Deny' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.locator('.diff .removed', { hasText: 'Allow' }).waitFor()
  await page.getByRole('button', { name: /Version to delete/ }).click()
  await page.getByRole('option', { name: /^v2/ }).click()
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.waitForURL(/tab=versions/)
  const { Versions } = await api.send(new ListPolicyVersionsCommand({ PolicyArn: arnOf('Versions') }))
  assert.deepEqual(Versions.map(v => v.VersionId).sort(), ['v1', 'v3', 'v4', 'v5', 'v6'])
  assert.equal(JSON.parse(await stored('Versions')).Statement[0].Effect, 'Deny')
})

flow('nothing that a document holds is run', async page => {
  const evil = '<img src=x onerror=alert(1)>'
  await signIn(page, admin)
  await page.goto('/console/policies/create')
  await json(page).waitFor({ state: 'attached' })
  const document = { Version: '2012-10-17', Id: evil, Statement: [{ Sid: evil, Effect: 'Allow', Principal: { AWS: evil }, Action: [`s3:${evil}`, `${evil}:x`], Resource: evil, Condition: { [evil]: { [evil]: evil } } }] }
  await paste(page, JSON.stringify(document, null, 2))
  await page.getByText(`Statement 1: ${evil}`).waitFor()
  await checked(page)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Permissions defined in this policy').waitFor()
  assert.equal(await page.locator('img[src=x]').count(), 0)
})

flow('who may not have policies validated is told, and has the syntax checked', async page => {
  await signIn(page, admin)
  const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'access-analyzer:ValidatePolicy', Resource: '*' }] }
  assert.equal((await call(page, 'iam.PutUserPolicy', { UserName: 'admin', PolicyName: 'NoValidation', PolicyDocument: JSON.stringify(deny) })).status, 200)
  try {
    await page.goto('/console/policies/create')
    await page.getByText('Only the syntax is checked').waitFor()
    await paste(page, '{')
    await page.getByRole('button', { name: /^Line 1: / }).first().waitFor()
  } finally {
    await call(page, 'iam.DeleteUserPolicy', { UserName: 'admin', PolicyName: 'NoValidation' })
  }
})
