import type { EvaluateResponse } from '../api/sallyport.gen'

/** Denied is what a denied call was about. */
export interface Denied {
  principal: string
  action: string
  resource?: string
}

/**
 * deniedBy reads the sentence in which AWS denies a call ("Troubleshoot access denied
 * error messages" in the IAM User Guide). Undefined where it is worded otherwise.
 */
export function deniedBy(message: string): Denied | undefined {
  const found = /^User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: (.+?))?(?: (?:because|with) .*)?$/s.exec(message)
  if (!found) return undefined
  return { principal: found[1]!, action: found[2]!, resource: found[3] }
}

/** decoded reads the message that sts:DecodeAuthorizationMessage opens. */
export function decoded(message: string): Denied | undefined {
  try {
    const { context } = JSON.parse(message) as { context?: { principal?: { arn?: string }; action?: string; resource?: string } }
    if (!context?.principal?.arn || !context.action) return undefined
    return { principal: context.principal.arn, action: context.action, resource: context.resource }
  } catch {
    return undefined
  }
}

/**
 * asked is the principal as sallyport:Evaluate takes it, which knows users, roles and
 * root: of a role's session, the role. The session's ARN has no path, so that the role
 * is the one without.
 */
export function asked(principal: string): string {
  const session = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(principal)
  return session ? `arn:aws:iam::${session[1]}:role/${session[2]}` : principal
}

/** remedy says what would have allowed a call that a decision denied. */
export function remedy(d: Pick<EvaluateResponse, 'Decision' | 'DecidedBy'>, action: string): string {
  const by = d.DecidedBy
  if (d.Decision === 'allow') return 'It is allowed now: the policies were changed meanwhile, or the call had context that this answer lacks.'
  if (d.Decision === 'explicitDeny') {
    const where = by.PolicyName ?? by.PolicyArn ?? 'a policy'
    const statement = by.StatementId ? `statement ${by.StatementId}` : by.StatementIndex === undefined ? 'a statement' : `statement ${by.StatementIndex + 1}`
    return `A deny outweighs every allow. Whoever may change ${where} would have to take ${statement} away or narrow it.`
  }
  switch (by.Layer) {
    case 'permissionsBoundary':
      return `The permissions boundary limits what the other policies give. It would have to allow ${action} too.`
    case 'sessionPolicy':
      return `The policy that the session was begun with would have to allow ${action} too.`
    case 'serviceControlPolicy':
    case 'resourceControlPolicy':
      return `A policy of the organization would have to allow ${action} first.`
    case 'resourcePolicy':
      return `The resource's own policy would have to allow ${action} to this principal.`
    case 'resourceType':
      return `${action} can't be done with a resource of this type.`
  }
  return `A policy with this statement, attached to the principal or to one of its groups, would have allowed it:`
}

/** statement is the least that would have allowed a call. */
export function statement(action: string, resource: string | undefined): string {
  return JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource ?? '*' }, null, 2)
}
