// Create a role for another account, and switch to it from there.
import assert from 'node:assert/strict'
import { AttachUserPolicyCommand, CreateLoginProfileCommand, CreateUserCommand, GetRoleCommand, ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam'
import { account, admin, call, choose, flow, iam, settled, signIn, url } from './harness.mjs'

flow('a role for another account is created by the wizard and switched to from there', async (page, another) => {
  await signIn(page, admin)
  const other = await call(page, 'sallyport.CreateAccount', { Email: 'root@example.org', Name: 'Example Corp' })
  assert.equal(other.status, 200)
  const there = other.Account.Id

  await page.goto('/console/roles/create')
  await page.getByRole('radio', { name: /^Account/ }).first().click()
  await page.getByLabel('Another account').check()
  await page.getByLabel('Account ID').last().fill(there)
  await page.getByRole('button', { name: 'Next' }).click()
  await choose(page, 'Policies', 'IAMReadOnlyAccess')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Role name').fill('Auditor')
  await page.getByRole('button', { name: 'Create role' }).click()
  await page.waitForURL(url + '/console/roles/Auditor')
  await settled(page)

  const role = (await iam().send(new GetRoleCommand({ RoleName: 'Auditor' }))).Role
  const trust = JSON.parse(decodeURIComponent(role.AssumeRolePolicyDocument))
  assert.equal(trust.Statement[0].Action, 'sts:AssumeRole')
  assert.equal(trust.Statement[0].Principal.AWS, `arn:aws:iam::${there}:root`)
  const policies = await iam().send(new ListAttachedRolePoliciesCommand({ RoleName: 'Auditor' }))
  assert.deepEqual(policies.AttachedPolicies.map(p => p.PolicyName), ['IAMReadOnlyAccess'])

  // The other account's administrator gives bob the right to take it on.
  const theirs = iam({ accessKeyId: other.AdminUser.AccessKeyId, secretAccessKey: other.AdminUser.SecretAccessKey })
  await theirs.send(new CreateUserCommand({ UserName: 'bob' }))
  await theirs.send(new CreateLoginProfileCommand({ UserName: 'bob', Password: 'Correct-Horse-Battery-2' }))
  await theirs.send(new AttachUserPolicyCommand({ UserName: 'bob', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }))

  const bob = await another()
  await signIn(bob, { user: 'bob', password: 'Correct-Horse-Battery-2', account: there })
  await bob.goto(`/signin/switchrole?account=${account}&roleName=Auditor&displayName=Auditing`)
  await bob.getByRole('button', { name: 'Switch role' }).click()
  await bob.waitForURL(url + '/console/')
  await settled(bob)
  await bob.getByRole('status').filter({ hasText: `You act as the role Auditing in account ${account}` }).waitFor()
  assert.equal((await call(bob, 'sts.GetCallerIdentity')).Arn, `arn:aws:sts::${account}:assumed-role/Auditor/bob`)
  await bob.goto('/console/users')
  await bob.getByRole('link', { name: 'admin', exact: true }).waitFor()
  const denied = await call(bob, 'iam.CreateUser', { UserName: 'mallory' })
  assert.equal(denied.status, 403)
  assert.match(denied.message, /assumed-role\/Auditor\/bob is not authorized to perform: iam:CreateUser/)

  await bob.getByRole('button', { name: /^Switch back/ }).first().click()
  await bob.waitForURL(url + '/console/')
  await settled(bob)
  assert.equal((await call(bob, 'sts.GetCallerIdentity')).Arn, `arn:aws:iam::${there}:user/bob`)
})
