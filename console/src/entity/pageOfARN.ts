import { pageOf, policyPage } from '../api/iam'

/**
 * pageOfARN is the console's page of the entity that an ARN names: of a role's
 * session, the role's. Undefined for what has no page.
 */
export function pageOfARN(arn: string): string | undefined {
  const parts = arn.split(':')
  const service = parts[2]
  const resource = parts.slice(5).join(':')
  const [kind = '', ...rest] = resource.split('/')
  const name = rest.at(-1)
  if (parts[0] !== 'arn' || !name) return undefined
  if (service === 'sts') return kind === 'assumed-role' && rest[0] ? pageOf('Role', rest[0]) : undefined
  if (service !== 'iam') return undefined
  switch (kind) {
    case 'user':
      return pageOf('User', name)
    case 'group':
      return pageOf('Group', name)
    case 'role':
      return pageOf('Role', name)
    case 'policy':
      return policyPage(arn)
    case 'saml-provider':
    case 'oidc-provider':
      return '/providers/details?arn=' + encodeURIComponent(arn)
  }
  return undefined
}
