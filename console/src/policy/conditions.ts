import type { ConditionKey } from './catalogue'

/**
 * operators are the condition operators by what they compare
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 */
export const operators: Record<string, readonly string[]> = {
  String: ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike'],
  Numeric: ['NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericLessThanEquals', 'NumericGreaterThan', 'NumericGreaterThanEquals'],
  Date: ['DateEquals', 'DateNotEquals', 'DateLessThan', 'DateLessThanEquals', 'DateGreaterThan', 'DateGreaterThanEquals'],
  Bool: ['Bool'],
  Binary: ['BinaryEquals'],
  IPAddress: ['IpAddress', 'NotIpAddress'],
  ARN: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
  Null: ['Null'],
}

export const allOperators: readonly string[] = Object.values(operators).flat()

/** family is what an operator compares; nothing for one that is unknown. */
export function family(operator: string): string | undefined {
  return Object.keys(operators).find(f => operators[f]!.some(o => o.toLowerCase() === operator.toLowerCase()))
}

/** typeOf is a key's type, and whether requests carry several values. */
export function typeOf(key: ConditionKey): { type: string; many: boolean } {
  const type = key.Types[0] ?? 'String'
  return type.startsWith('ArrayOf') ? { type: type.slice(7), many: true } : { type, many: false }
}

/** operatorsFor are those that compare values of a key's type. ARNs can be compared as text, too. */
export function operatorsFor(type: string): readonly string[] {
  const own = operators[type] ?? operators.String!
  return [...own, ...(type === 'ARN' ? operators.String! : []), 'Null']
}

/** compares says whether an operator is one for a key's type. */
export function compares(operator: string, type: string): boolean {
  return operatorsFor(type).some(o => o.toLowerCase() === operator.toLowerCase())
}

/** stem is a key's name up to its variable: "aws:RequestTag/" of "aws:RequestTag/${TagKey}". */
export function stem(name: string): string {
  const at = name.indexOf('${')
  return at < 0 ? name : name.slice(0, at)
}

/** find is the key of a name, in any case; of a template, the one whose stem it begins with. */
export function find(keys: readonly ConditionKey[], name: string): ConditionKey | undefined {
  const wanted = name.toLowerCase()
  return (
    keys.find(k => k.Name.toLowerCase() === wanted) ??
    keys.filter(k => k.Name.includes('${') && wanted.startsWith(stem(k.Name).toLowerCase()) && wanted.length > stem(k.Name).length).sort((a, b) => b.Name.length - a.Name.length)[0]
  )
}

/** valuesFor are the values that an operator can only have. */
export function valuesFor(operator: string): readonly string[] {
  return ['Bool', 'Null'].includes(family(operator) ?? '') ? ['true', 'false'] : []
}
