// The wizard of roles with each kind of trusted entity, the revoking of sessions, and
// the deletion of a service-linked role.
import assert from 'node:assert/strict'
import { AttachRolePolicyCommand, CreateOpenIDConnectProviderCommand, CreateRoleCommand, CreateServiceLinkedRoleCommand, GetInstanceProfileCommand, GetRoleCommand, GetRolePolicyCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { account, admin, call, flow, iam, refused, signIn, sts, url } from './harness.mjs'

const trustOf = async RoleName => JSON.parse(decodeURIComponent((await iam().send(new GetRoleCommand({ RoleName }))).Role.AssumeRolePolicyDocument)).Statement[0]

/** finish goes from the first step of the wizard to the role's page. */
async function finish(page, name) {
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('heading', { name: 'Add permissions' }).first().waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Role name').fill(name)
  await page.getByRole('button', { name: 'Create role' }).click()
  await page.waitForURL(`**/console/roles/${name}`)
  await page.getByText(`Role ${name} created.`).waitFor()
}

flow('a role for a service, with its instance profile', async page => {
  await signIn(page, admin)
  await page.goto('/console/roles/create')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Say whom the role is to trust.').first().waitFor()
  await page.getByLabel('Service principal').fill('ec2.amazonaws.com')
  await page.keyboard.press('Tab')
  await finish(page, 'wizard-ec2')
  assert.deepEqual(await trustOf('wizard-ec2'), { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' })
  const { InstanceProfile } = await iam().send(new GetInstanceProfileCommand({ InstanceProfileName: 'wizard-ec2' }))
  assert.deepEqual(InstanceProfile.Roles.map(r => r.RoleName), ['wizard-ec2'])
})

flow('a role for another account, with an external id and MFA', async page => {
  await signIn(page, admin)
  const made = await call(page, 'sallyport.CreateAccount', { Email: 'partner@example.com', Name: 'Partner' })
  const other = made.Account.Id
  await page.goto('/console/roles/create')
  await page.getByRole('radio', { name: /^Account/ }).check({ force: true })
  await page.getByRole('radio', { name: 'Another account' }).check({ force: true })
  await page.getByLabel('Account ID').fill(other.replace(/(\d{4})(?=\d)/g, '$1-'))
  await page.getByLabel('External ID').fill('unique-to-example-corp')
  await page.getByRole('checkbox', { name: 'Require MFA' }).check({ force: true })
  await finish(page, 'wizard-account')
  assert.deepEqual(await trustOf('wizard-account'), {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${other}:root` },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'unique-to-example-corp' }, Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  })
})

flow('a role for a web identity', async page => {
  const Url = 'https://token.actions.githubusercontent.com'
  const { OpenIDConnectProviderArn } = await iam().send(new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'] }))
  await signIn(page, admin)
  await page.goto('/console/roles/create')
  await page.getByRole('radio', { name: /^Web identity/ }).check({ force: true })
  await page.getByRole('button', { name: /^Identity provider/ }).click()
  await page.getByRole('option', { name: 'token.actions.githubusercontent.com' }).click()
  await page.getByLabel('GitHub organization').fill('example-org')
  await page.getByLabel('Repository').fill('example-repo')
  await page.getByLabel('Branch').fill('main')
  await finish(page, 'wizard-web')
  assert.deepEqual(await trustOf('wizard-web'), {
    Effect: 'Allow',
    Principal: { Federated: OpenIDConnectProviderArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com', 'token.actions.githubusercontent.com:sub': 'repo:example-org/example-repo:ref:refs/heads/main' } },
  })
})

flow('revoking ends the sessions there are, and no later one', async page => {
  const RoleName = 'revoked'
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }] }
  const { Role } = await iam().send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }))
  await iam().send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }))
  const session = async () => {
    const { Credentials: c } = await sts().send(new AssumeRoleCommand({ RoleArn: Role.Arn, RoleSessionName: 'alice' }))
    return new IAMClient({ endpoint: url, region: 'us-east-1', maxAttempts: 1, credentials: { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken } })
  }
  const before = await session()
  await before.send(new ListUsersCommand({}))
  await signIn(page, admin)
  await page.goto(`/console/roles/${RoleName}?tab=sessions`)
  await page.getByRole('button', { name: 'Revoke active sessions' }).click()
  const dialog = page.getByRole('dialog', { name: `Revoke sessions of role ${RoleName}?` })
  await dialog.getByLabel(`To confirm, type ${RoleName}`).fill(RoleName)
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await page.getByText('Active sessions are revoked.').waitFor()
  const denied = await refused(before.send(new ListUsersCommand({})))
  assert.match(denied.message, /explicit deny in an identity-based policy/)
  const { PolicyDocument } = await iam().send(new GetRolePolicyCommand({ RoleName, PolicyName: 'AWSRevokeOlderSessions' }))
  const until = new Date(JSON.parse(decodeURIComponent(PolicyDocument)).Statement[0].Condition.DateLessThan['aws:TokenIssueTime'])
  await new Promise(done => setTimeout(done, Math.max(0, until - Date.now()) + 1000))
  await (await session()).send(new ListUsersCommand({}))
  await page.getByText(/Sessions from before .* are revoked\./).waitFor()
})

flow('a service-linked role is deleted by its task', async page => {
  const { Role } = await iam().send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com' }))
  await signIn(page, admin)
  await page.goto(`/console/roles/${Role.RoleName}`)
  await page.getByText('This is a service-linked role').waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: `Delete role ${Role.RoleName}?` })
  await dialog.getByLabel(`To confirm, type ${Role.RoleName}`).fill(Role.RoleName)
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText(`Role ${Role.RoleName} deleted.`).waitFor()
  assert.equal((await refused(iam().send(new GetRoleCommand({ RoleName: Role.RoleName })))).name, 'NoSuchEntityException')
})
