import { call, pages, type Refusal } from '../api/client'
import { iam, named, type Kind } from '../api/iam'
import type { AttachedPolicy } from '../api/iam.gen'

// IAM deletes an entity when nothing hangs on it any more. As in AWS's console, what
// hangs on it goes first; if something in between is denied, the rest stays.

interface Page {
  IsTruncated?: boolean
  Marker?: string
}

async function strip(kind: Kind, name: string) {
  const target = named(kind, name)
  for (const p of await pages(Marker => iam<Page & { AttachedPolicies?: AttachedPolicy[] }>(`ListAttached${kind}Policies`, { ...target, Marker }), o => o.AttachedPolicies))
    await iam(`Detach${kind}Policy`, { ...target, PolicyArn: p.PolicyArn })
  for (const p of await pages(Marker => iam<Page & { PolicyNames?: string[] }>(`List${kind}Policies`, { ...target, Marker }), o => o.PolicyNames))
    await iam(`Delete${kind}Policy`, { ...target, PolicyName: p })
}

/** missing lets a step pass whose object is not there. */
export async function missing(step: Promise<unknown>) {
  await step.catch((e: Refusal) => {
    if (!e.missing) throw e
  })
}

export async function removeUser(UserName: string) {
  const user = { UserName }
  for (const k of await pages(Marker => call('iam', 'ListAccessKeys', { ...user, Marker }), o => o.AccessKeyMetadata))
    await call('iam', 'DeleteAccessKey', { ...user, AccessKeyId: k.AccessKeyId ?? '' })
  for (const d of await pages(Marker => call('iam', 'ListMFADevices', { ...user, Marker }), o => o.MFADevices)) {
    await call('iam', 'DeactivateMFADevice', { ...user, SerialNumber: d.SerialNumber })
    if (d.SerialNumber.startsWith('arn:')) await call('iam', 'DeleteVirtualMFADevice', { SerialNumber: d.SerialNumber })
  }
  for (const k of await pages(Marker => call('iam', 'ListSSHPublicKeys', { ...user, Marker }), o => o.SSHPublicKeys))
    await call('iam', 'DeleteSSHPublicKey', { ...user, SSHPublicKeyId: k.SSHPublicKeyId })
  for (const c of await pages(Marker => call('iam', 'ListSigningCertificates', { ...user, Marker }), o => o.Certificates))
    await call('iam', 'DeleteSigningCertificate', { ...user, CertificateId: c.CertificateId })
  for (const c of (await call('iam', 'ListServiceSpecificCredentials', user)).ServiceSpecificCredentials ?? [])
    await call('iam', 'DeleteServiceSpecificCredential', { ...user, ServiceSpecificCredentialId: c.ServiceSpecificCredentialId })
  await missing(call('iam', 'DeleteLoginProfile', user))
  for (const g of await pages(Marker => call('iam', 'ListGroupsForUser', { ...user, Marker }), o => o.Groups))
    await call('iam', 'RemoveUserFromGroup', { ...user, GroupName: g.GroupName })
  await strip('User', UserName)
  await call('iam', 'DeleteUser', user)
}

export async function removeGroup(GroupName: string) {
  for (const u of await pages(Marker => call('iam', 'GetGroup', { GroupName, Marker }), o => o.Users))
    await call('iam', 'RemoveUserFromGroup', { GroupName, UserName: u.UserName })
  await strip('Group', GroupName)
  await call('iam', 'DeleteGroup', { GroupName })
}

export async function removeRole(RoleName: string) {
  for (const p of await pages(Marker => call('iam', 'ListInstanceProfilesForRole', { RoleName, Marker }), o => o.InstanceProfiles))
    await call('iam', 'RemoveRoleFromInstanceProfile', { RoleName, InstanceProfileName: p.InstanceProfileName })
  await strip('Role', RoleName)
  await call('iam', 'DeleteRole', { RoleName })
}

/** linked reports whether a role is a service's own, which is deleted by a task. */
export function linked(path: string): boolean {
  return path.startsWith('/aws-service-role/')
}

/** look is how often the state of a deletion task is asked for, in milliseconds. */
const look = 1000

/**
 * removeLinked has a service-linked role deleted, and tells of the state of the task
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html).
 */
export async function removeLinked(RoleName: string, told: (status: string) => void = () => {}) {
  const { DeletionTaskId } = await call('iam', 'DeleteServiceLinkedRole', { RoleName })
  for (;;) {
    const { Status, Reason } = await call('iam', 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId })
    told(Status)
    if (Status === 'SUCCEEDED') return
    if (Status === 'FAILED') {
      const used = (Reason?.RoleUsageList ?? []).flatMap(u => (u.Resources ?? []).map(r => `${r}${u.Region ? ` in ${u.Region}` : ''}`))
      throw new Error(`The deletion failed. ${Reason?.Reason ?? ''}${used.length > 0 ? ` Resources that use the role: ${used.join(', ')}.` : ''}`)
    }
    await new Promise(done => setTimeout(done, look))
  }
}

export async function removePolicy(PolicyArn: string) {
  const versions = await pages(Marker => call('iam', 'ListPolicyVersions', { PolicyArn, Marker }), o => o.Versions)
  for (const v of versions)
    if (!v.IsDefaultVersion) await call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: v.VersionId ?? '' })
  await call('iam', 'DeletePolicy', { PolicyArn })
}
