// Search over everything, and the lists it leads to.
import assert from 'node:assert/strict'
import { AddRoleToInstanceProfileCommand, CreateAccessKeyCommand, CreateInstanceProfileCommand, CreateLoginProfileCommand, CreateRoleCommand, CreateUserCommand, DeleteUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { account, admin, flow, iam, settled, signIn } from './harness.mjs'

const field = page => page.getByRole('combobox', { name: /^Search users, groups/ })
const option = (page, name) => page.getByRole('option').filter({ hasText: name })

flow('everything that may be listed is found, by the keyboard alone', async page => {
  const made = await iam().send(new CreateUserCommand({ UserName: 'searched-alice', Path: '/blue/' }))
  const key = await iam().send(new CreateAccessKeyCommand({ UserName: 'searched-alice' }))
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }] })
  await iam().send(new CreateRoleCommand({ RoleName: 'searched-role', AssumeRolePolicyDocument: trust }))
  await signIn(page, admin)
  await settled(page)

  await page.keyboard.press('/')
  await page.keyboard.type('searched')
  await option(page, 'searched-alice').first().waitFor()
  await option(page, 'searched-role').first().waitFor()
  await field(page).fill('AdministratorAccess')
  await option(page, 'arn:aws:iam::aws:policy/AdministratorAccess').first().waitFor()
  // By unique id, path and access key too.
  for (const text of [made.User.UserId, '/blue/', key.AccessKey.AccessKeyId]) {
    await field(page).fill(text)
    await option(page, 'searched-alice').first().waitFor()
  }
  await field(page).fill(made.User.Arn)
  await option(page, 'searched-alice').first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/console/users/searched-alice')
  await page.getByRole('heading', { name: 'searched-alice' }).waitFor()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('password policy')
  await option(page, 'Password policy').first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/console/settings#passwords')
})

flow('what is pasted and entered at once leads to what it names', async page => {
  const made = await iam().send(new CreateUserCommand({ UserName: 'pasted-alice', Path: '/staff/' }))
  const key = (await iam().send(new CreateAccessKeyCommand({ UserName: 'pasted-alice' }))).AccessKey.AccessKeyId
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }] })
  const { Role } = await iam().send(new CreateRoleCommand({ RoleName: 'pasted-role', AssumeRolePolicyDocument: trust }))
  await iam().send(new CreateInstanceProfileCommand({ InstanceProfileName: 'pasted-profile' }))
  await iam().send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'pasted-profile', RoleName: 'pasted-role' }))
  const gone = await iam().send(new CreateUserCommand({ UserName: 'pasted-gone' }))
  await iam().send(new DeleteUserCommand({ UserName: 'pasted-gone' }))
  await signIn(page, admin)
  const heading = name => page.getByRole('heading', { name, exact: true }).first()
  for (const [text, address, title] of [
    [made.User.UserId, '/console/users/pasted-alice', 'pasted-alice'],
    [Role.RoleId, '/console/roles/pasted-role', 'pasted-role'],
    [made.User.Arn, '/console/users/pasted-alice', 'pasted-alice'],
    [`arn:aws:sts::${account}:assumed-role/pasted-role/night`, '/console/roles/pasted-role', 'pasted-role'],
    ['arn:aws:iam::aws:policy/ReadOnlyAccess', '/console/policies/details?arn=*ReadOnlyAccess', 'ReadOnlyAccess'],
    [key, '/console/users/pasted-alice?tab=credentials', 'pasted-alice'],
    ['pasted-profile', '/console/roles/pasted-role?tab=instances', 'pasted-role'],
    [gone.User.UserId, '/console/history?entity=AIDA*', 'History'],
    ['s3', '/console/reference/s3', 'Amazon S3 (*'],
    ['s3:GetObject', '/console/reference/s3?f=action*', ''],
  ]) {
    await page.goto('/console/')
    await field(page).waitFor()
    await field(page).fill(text)
    await page.keyboard.press('Enter')
    await page.waitForURL('**' + address)
    if (title && !title.includes('*')) await heading(title).waitFor()
  }
  // An action of a service, with what policies say of it, into the simulator and a policy.
  await page.getByText('1 match').first().waitFor()
  await page.getByText('Read', { exact: true }).first().waitFor()
  await page.getByRole('checkbox', { name: 'Select GetObject' }).check({ force: true })
  await page.getByRole('button', { name: 'Create policy' }).click()
  await page.getByText('1 of').first().waitFor()
  await page.goBack()
  await page.getByRole('checkbox', { name: 'Select GetObject' }).check({ force: true })
  await page.getByRole('button', { name: 'Simulate' }).click()
  await page.waitForURL('**/console/simulator?action=s3%3AGetObject')
  await page.getByText('s3:GetObject', { exact: true }).waitFor()
})

flow('a filter of a list is in its address', async page => {
  await iam().send(new CreateUserCommand({ UserName: 'filtered-bob' }))
  await signIn(page, admin)
  await page.goto('/console/users?q=filtered-b')
  await page.getByRole('link', { name: 'filtered-bob' }).waitFor()
  await page.getByText('1 match').first().waitFor()
  assert.equal(await page.getByRole('link', { name: 'admin', exact: true }).count(), 0)
})

flow('what may not be listed is left out, and said in passing', async page => {
  const user = { user: 'searching-carol', password: 'Correct-Horse-Battery-7' }
  await iam().send(new CreateUserCommand({ UserName: user.user }))
  await iam().send(new CreateLoginProfileCommand({ UserName: user.user, Password: user.password }))
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['iam:ListUsers'], Resource: '*' }] }
  await iam().send(new PutUserPolicyCommand({ UserName: user.user, PolicyName: 'p', PolicyDocument: JSON.stringify(policy) }))
  await signIn(page, user)
  await settled(page)
  await field(page).fill('searching-carol')
  await option(page, 'searching-carol').first().waitFor()
  await page.getByText('Not searched, as you may not list them: user groups, roles, policies, instance profiles, MFA devices, identity providers.').first().waitFor()
})

flow('a denied call says what would have allowed it', async page => {
  const user = { user: 'denied-dave', password: 'Correct-Horse-Battery-7' }
  await iam().send(new CreateUserCommand({ UserName: user.user }))
  await iam().send(new CreateLoginProfileCommand({ UserName: user.user, Password: user.password }))
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['sts:DecodeAuthorizationMessage', 'sallyport:Evaluate'], Resource: '*' }] }
  await iam().send(new PutUserPolicyCommand({ UserName: user.user, PolicyName: 'p', PolicyDocument: JSON.stringify(policy) }))
  await signIn(page, user)
  await page.goto('/console/roles')
  await page.getByText(`User: arn:aws:iam::${account}:user/denied-dave is not authorized to perform: iam:ListRoles`).waitFor()
  await page.getByRole('button', { name: 'Why, and what would have allowed it?' }).click()
  await page.getByText('Identity-based policy', { exact: true }).first().waitFor()
  await page.getByRole('list', { name: 'Smallest change' }).getByText('"Action": "iam:ListRoles"').waitFor()
  await page.getByRole('link', { name: 'Open in the policy simulator' }).click()
  await page.getByText('Denied: nothing allows it').waitFor()
  await page.getByText('What a principal may do').waitFor()
})

flow('of a denied role, the trust policy is explained too', async page => {
  const user = { user: 'assuming-frank', password: 'Correct-Horse-Battery-7' }
  await iam().send(new CreateUserCommand({ UserName: user.user }))
  await iam().send(new PutUserPolicyCommand({ UserName: user.user, PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] }) }))
  const trust = { Version: '2012-10-17', Statement: [{ Sid: 'Second', Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }] }
  await iam().send(new CreateRoleCommand({ RoleName: 'strict', Path: '/ops/', AssumeRolePolicyDocument: JSON.stringify(trust) }))
  await signIn(page, admin)
  await page.goto('/console/simulator?' + new URLSearchParams({ principal: `arn:aws:iam::${account}:user/assuming-frank`, action: 'sts:AssumeRole', resource: `arn:aws:iam::${account}:role/ops/strict` }))
  const layer = page.getByRole('region', { name: 'Resource-based policy', exact: true })
  await layer.getByRole('link', { name: 'strict' }).waitFor()
  await layer.getByRole('button', { name: /Second would allow it, but Bool on aws:MultiFactorAuthPresent/ }).click()
  await layer.getByLabel('Second in its policy').getByText('"Sid": "Second"').waitFor()
})
