// Every page of the console, on an account where each has something to show.
import {
  AddUserToGroupCommand, AttachGroupPolicyCommand, AttachRolePolicyCommand, CreateAccessKeyCommand, CreateAccountAliasCommand, CreateGroupCommand, CreateLoginProfileCommand,
  CreateOpenIDConnectProviderCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, PutUserPolicyCommand, TagUserCommand, UpdateAccountPasswordPolicyCommand,
} from '@aws-sdk/client-iam'
import { account, iam } from './harness.mjs'

const policy = { Version: '2012-10-17', Statement: [{ Sid: 'ReadExampleBucket', Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::amzn-s3-demo-bucket', 'arn:aws:s3:::amzn-s3-demo-bucket/*'] }] }
const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }] }
const provider = `arn:aws:iam::${account}:oidc-provider/accounts.example.com`
const own = `arn:aws:iam::${account}:policy/S3ReadOnly`

/** furnish makes a small company of the account. */
export async function furnish() {
  const send = c => iam().send(c)
  await send(new CreateAccountAliasCommand({ AccountAlias: 'example-corp' }))
  await send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 12, RequireSymbols: true, RequireNumbers: true, MaxPasswordAge: 90, AllowUsersToChangePassword: true }))
  await send(new CreatePolicyCommand({ PolicyName: 'S3ReadOnly', PolicyDocument: JSON.stringify(policy), Description: 'Reads the example bucket' }))
  for (const GroupName of ['Administrators', 'Auditors', 'Developers']) await send(new CreateGroupCommand({ GroupName }))
  await send(new AttachGroupPolicyCommand({ GroupName: 'Auditors', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }))
  await send(new AttachGroupPolicyCommand({ GroupName: 'Developers', PolicyArn: own }))
  for (const [UserName, GroupName] of [['alice', 'Developers'], ['bob', 'Auditors'], ['carol', 'Developers'], ['john.smith', 'Auditors']]) {
    await send(new CreateUserCommand({ UserName, Path: '/staff/', Tags: [{ Key: 'team', Value: GroupName.toLowerCase() }] }))
    await send(new AddUserToGroupCommand({ UserName, GroupName }))
  }
  await send(new CreateLoginProfileCommand({ UserName: 'alice', Password: 'Correct-Horse-Battery-2' }))
  await send(new CreateAccessKeyCommand({ UserName: 'alice' }))
  await send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'example-bucket', PolicyDocument: JSON.stringify(policy) }))
  await send(new TagUserCommand({ UserName: 'alice', Tags: [{ Key: 'cost-center', Value: '1234' }] }))
  await send(new CreateRoleCommand({ RoleName: 'Auditor', AssumeRolePolicyDocument: JSON.stringify(trust), Description: 'Reads everything about identities' }))
  await send(new AttachRolePolicyCommand({ RoleName: 'Auditor', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }))
  await send(new CreateOpenIDConnectProviderCommand({ Url: 'https://accounts.example.com', ClientIDList: ['sts.amazonaws.com'], ThumbprintList: ['0123456789012345678901234567890123456789'] }))
}

const tabs = (path, names) => names.map(tab => `${path}?tab=${tab}`)

/** paths are the addresses of all pages, those of signing in by somebody signed in included. */
export const paths = [
  '/console/', '/console/users', '/console/users/create',
  ...tabs('/console/users/alice', ['permissions', 'groups', 'tags', 'credentials', 'accessed', 'history']),
  '/console/groups', ...tabs('/console/groups/Developers', ['users', 'permissions', 'accessed', 'history']),
  '/console/roles', '/console/roles/create', ...tabs('/console/roles/Auditor', ['permissions', 'trust', 'tags', 'instances', 'sessions', 'accessed', 'history']),
  '/console/policies', '/console/policies/create', '/console/policies/edit?arn=' + encodeURIComponent(own),
  ...['permissions', 'entities', 'versions', 'tags', 'history'].map(tab => `/console/policies/details?arn=${encodeURIComponent(own)}&tab=${tab}`),
  '/console/policies/details?arn=' + encodeURIComponent('arn:aws:iam::aws:policy/IAMReadOnlyAccess'),
  '/console/providers', '/console/providers/details?arn=' + encodeURIComponent(provider),
  '/console/activity', '/console/credential-report', '/console/history', '/console/simulator', '/console/reference', '/console/reference/s3', '/console/settings', '/console/security-credentials', '/console/sessions',
  '/console/users/nobody', '/console/nothing',
  '/signin/session', '/signin/devices', '/signin/switchrole', '/signin/password',
]

/** signedOut are the pages of who is not signed in. */
export const signedOut = ['/signin', '/signin/root', '/signin/nothing']

/** named is a page's address as the name of a file. */
export const named = path => path.replace(/^\//, '').replace(/arn(%3A|:)aws.*(%2F|\/)/, '').replaceAll(/[^\w.]+/g, '-').replace(/-$/, '')
