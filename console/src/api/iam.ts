import { call } from './client'
import type { Operations } from './iam.gen'

/**
 * iam calls an operation whose name is put together, such as those that IAM has for
 * users, groups and roles alike. The compiler can't check its input.
 */
export function iam<Out = Record<string, unknown>>(operation: string, input: object): Promise<Out> {
  return call('iam', operation as keyof Operations, input as never) as Promise<Out>
}

/** Kind is an identity that policies are attached to, by the word in operations' names. */
export type Kind = 'User' | 'Group' | 'Role'

/** named is the parameter that names an entity of a kind. */
export function named(kind: string, name: string): Record<string, string> {
  return { [kind + 'Name']: name }
}

/** path of an entity's page in the console. */
export function pageOf(kind: Kind, name: string): string {
  return `/${kind.toLowerCase()}s/${encodeURIComponent(name)}`
}

/** managed reports whether a policy is one of AWS's. */
export function managed(arn: string): boolean {
  return arn.startsWith('arn:aws:iam::aws:policy/')
}

/** policyPage is a policy's page; its ARN is in the query, as it holds slashes. */
export function policyPage(arn: string): string {
  return '/policies/details?arn=' + encodeURIComponent(arn)
}
