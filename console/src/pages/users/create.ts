import { call, pages } from '../../api/client'
import type { AccessKey, AttachedPolicy, Tag } from '../../api/iam.gen'
import { inlineText } from '../../entity/granted'

/** Plan is a user as the wizard has it when it is submitted. */
export interface Plan {
  name: string
  /** password is set for who is to sign in to the console. */
  password?: string
  reset: boolean
  key: boolean
  groups: string[]
  policies: string[]
  boundary?: string
  /** like is a user whose permissions are copied. */
  like?: string
  tags: Tag[]
}

/** Made is what became of a plan: the secrets, which are shown once, and what failed. */
export interface Made {
  password?: string
  key?: AccessKey
  failures: [what: string, error: Error][]
}

/** Template is what is copied of a user's permissions, as AWS's console copies it. */
export interface Template {
  groups: string[]
  policies: AttachedPolicy[]
  inline: string[]
  boundary?: string
}

/** changePassword lets a user choose the password that the next sign-in asks for. */
export const changePassword = 'arn:aws:iam::aws:policy/IAMUserChangePassword'

export async function templateOf(UserName: string): Promise<Template> {
  const [user, groups, policies, inline] = await Promise.all([
    call('iam', 'GetUser', { UserName }),
    pages(Marker => call('iam', 'ListGroupsForUser', { UserName, Marker }), o => o.Groups),
    pages(Marker => call('iam', 'ListAttachedUserPolicies', { UserName, Marker }), o => o.AttachedPolicies),
    pages(Marker => call('iam', 'ListUserPolicies', { UserName, Marker }), o => o.PolicyNames),
  ])
  return { groups: groups.map(g => g.GroupName), policies, inline, boundary: user.User.PermissionsBoundary?.PermissionsBoundaryArn }
}

/**
 * create makes the user and then all that belongs to it. It throws when there is no
 * user; what fails from there on is told, and can be mended on the user's page.
 */
export async function create(plan: Plan): Promise<Made> {
  const UserName = plan.name
  const like = plan.like ? await templateOf(plan.like) : undefined
  await call('iam', 'CreateUser', {
    UserName,
    Tags: plan.tags.length > 0 ? plan.tags : undefined,
    PermissionsBoundary: plan.boundary ?? like?.boundary,
  })
  const made: Made = { failures: [] }
  const attempt = (what: string, step: Promise<unknown>) => step.catch((e: Error) => void made.failures.push([what, e]))
  const Password = plan.password
  if (Password !== undefined)
    await attempt(
      'the password',
      call('iam', 'CreateLoginProfile', { UserName, Password, PasswordResetRequired: plan.reset }).then(() => (made.password = Password)),
    )
  for (const GroupName of like?.groups ?? plan.groups) await attempt(`the membership in ${GroupName}`, call('iam', 'AddUserToGroup', { UserName, GroupName }))
  const policies = new Set(like?.policies.map(p => p.PolicyArn ?? '') ?? plan.policies)
  if (Password !== undefined && plan.reset) policies.add(changePassword)
  for (const PolicyArn of policies) await attempt(`the policy ${PolicyArn}`, call('iam', 'AttachUserPolicy', { UserName, PolicyArn }))
  for (const PolicyName of like?.inline ?? [])
    await attempt(
      `the inline policy ${PolicyName}`,
      inlineText('User', plan.like!, PolicyName).then(PolicyDocument => call('iam', 'PutUserPolicy', { UserName, PolicyName, PolicyDocument })),
    )
  if (plan.key) await attempt('the access key', call('iam', 'CreateAccessKey', { UserName }).then(out => (made.key = out.AccessKey)))
  return made
}
