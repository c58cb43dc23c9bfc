/** trusted names whom a trust policy lets take on the role, in short. */
export function trusted(document: string): string[] {
  interface Statement {
    Effect?: string
    Principal?: string | Record<string, string | string[]>
  }
  let statements: Statement[]
  try {
    const parsed = JSON.parse(document) as { Statement?: Statement | Statement[] }
    statements = [parsed.Statement ?? []].flat()
  } catch {
    return []
  }
  const all = new Set<string>()
  for (const s of statements) {
    if (s.Effect !== 'Allow') continue
    if (typeof s.Principal === 'string') all.add('Everyone')
    else
      for (const [kind, values] of Object.entries(s.Principal ?? {}))
        for (const v of [values].flat()) all.add(short(kind, v))
  }
  return [...all]
}

function short(kind: string, value: string): string {
  if (value === '*') return 'Everyone'
  switch (kind) {
    case 'Service':
      return `Service: ${value.replace(/\.amazonaws\.com$/, '')}`
    case 'Federated':
      return `Identity provider: ${value.replace(/^arn:aws:iam::\d+:(oidc|saml)-provider\//, '')}`
    case 'AWS': {
      const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(value)
      return account ? `Account: ${account[1]}` : value.replace(/^arn:aws:iam::/, '')
    }
  }
  return `${kind}: ${value}`
}

/** Trust is what the wizard makes a trust policy of. */
export type Trust =
  | { kind: 'account'; account: string; externalId?: string; mfa: boolean }
  | { kind: 'service'; service: string }
  | { kind: 'web'; provider: string; issuer: string; audience: string; subject: string }
  | { kind: 'saml'; provider: string; audience: string }

/** Form is what the wizard asks of whom a role trusts, of every kind at once. */
export interface Form {
  kind: Trust['kind'] | 'custom'
  service: string
  account: string
  other: boolean
  externalId: string
  mfa: boolean
  provider?: { arn: string; issuer: string }
  audience: string
  samlAudience: string
  subject: string
  organization: string
  repository: string
  branch: string
  custom: string
}

/** form is where the wizard begins, for an account. */
export function form(account: string): Form {
  return {
    kind: 'service',
    service: '',
    account,
    other: false,
    externalId: '',
    mfa: false,
    audience: 'sts.amazonaws.com',
    samlAudience: 'https://signin.aws.amazon.com/saml',
    subject: '',
    organization: '',
    repository: '',
    branch: '',
    custom: '{\n  "Version": "2012-10-17",\n  "Statement": []\n}',
  }
}

/** complete says whether a form has what a trust policy needs. */
export function complete(f: Form): boolean {
  switch (f.kind) {
    case 'service':
      return /^[\w.-]+\.[\w.-]+$/.test(f.service)
    case 'account':
      return /^\d{12}$/.test(f.account)
    case 'web':
      return f.provider !== undefined && f.audience !== ''
    case 'saml':
      return f.provider !== undefined && f.samlAudience !== ''
    case 'custom':
      return f.custom.trim() !== ''
  }
}

/** documentOf is the trust policy that a form asks for. */
export function documentOf(f: Form): string {
  switch (f.kind) {
    case 'service':
      return trustPolicy({ kind: f.kind, service: f.service })
    case 'account':
      return trustPolicy({ kind: f.kind, account: f.account, externalId: f.externalId, mfa: f.mfa })
    case 'web':
      return trustPolicy({ kind: f.kind, provider: f.provider?.arn ?? '', issuer: f.provider?.issuer ?? '', audience: f.audience, subject: f.subject })
    case 'saml':
      return trustPolicy({ kind: f.kind, provider: f.provider?.arn ?? '', audience: f.samlAudience })
    case 'custom':
      return f.custom
  }
}

/**
 * githubSubject is the sub claim of GitHub Actions' tokens, as AWS's console writes it:
 * repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH.
 */
export function githubSubject(organization: string, repository: string, branch: string): string {
  if (organization === '') return ''
  return `repo:${organization}/${repository || '*'}:${branch && branch !== '*' ? `ref:refs/heads/${branch}` : '*'}`
}

/** trustPolicy is the document that trusts t. */
export function trustPolicy(t: Trust): string {
  const statement: Record<string, unknown> = { Effect: 'Allow' }
  const condition: Record<string, Record<string, string>> = {}
  switch (t.kind) {
    case 'account':
      statement.Principal = { AWS: `arn:aws:iam::${t.account}:root` }
      statement.Action = 'sts:AssumeRole'
      if (t.externalId) condition.StringEquals = { 'sts:ExternalId': t.externalId }
      if (t.mfa) condition.Bool = { 'aws:MultiFactorAuthPresent': 'true' }
      break
    case 'service':
      statement.Principal = { Service: t.service }
      statement.Action = 'sts:AssumeRole'
      break
    case 'web':
      statement.Principal = { Federated: t.provider }
      statement.Action = 'sts:AssumeRoleWithWebIdentity'
      condition.StringEquals = { [`${t.issuer}:aud`]: t.audience }
      if (t.subject.includes('*')) condition.StringLike = { [`${t.issuer}:sub`]: t.subject }
      else if (t.subject) condition.StringEquals[`${t.issuer}:sub`] = t.subject
      break
    case 'saml':
      statement.Principal = { Federated: t.provider }
      statement.Action = 'sts:AssumeRoleWithSAML'
      condition.StringEquals = { 'SAML:aud': t.audience }
  }
  if (Object.keys(condition).length > 0) statement.Condition = condition
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2)
}

/** revocationName is the inline policy in which AWS's console keeps a revocation. */
export const revocationName = 'AWSRevokeOlderSessions'

/** revokedBefore is the moment that a revocation names. */
export function revokedBefore(document: string): Date | undefined {
  const found = /"aws:TokenIssueTime"\s*:\s*"([^"]+)"/.exec(document)
  const at = found ? new Date(found[1]!) : undefined
  return at && !Number.isNaN(at.getTime()) ? at : undefined
}

/**
 * revocation denies everything to sessions that began before a moment, as AWS's console does
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html).
 */
export function revocation(before: Date): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: { DateLessThan: { 'aws:TokenIssueTime': before.toISOString() } } },
      ],
    },
    null,
    2,
  )
}
