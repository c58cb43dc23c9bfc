import type { ValidatePolicyFinding, ValidatePolicyRequest } from '../api/accessanalyzer.gen'
import { parse, position } from './json'
import type { PolicyType } from './PolicyEditor'

/** Severity is a finding's type, the worst first. */
export const severities = ['ERROR', 'SECURITY_WARNING', 'WARNING', 'SUGGESTION'] as const
export type Severity = (typeof severities)[number]

/** severityNames are what findings of a type are called. */
export const severityNames: Record<Severity, [one: string, many: string]> = {
  ERROR: ['error', 'errors'],
  SECURITY_WARNING: ['security warning', 'security warnings'],
  WARNING: ['warning', 'warnings'],
  SUGGESTION: ['suggestion', 'suggestions'],
}

/** Finding is something about a document, at a place of it. Rows and columns are from 0. */
export interface Finding {
  severity: Severity
  code: string
  text: string
  link?: string
  row: number
  column: number
  end?: { row: number; column: number }
}

/** syntax are the findings that need no server: why a text is no JSON. */
export function syntax(text: string): Finding[] {
  if (text.trim() === '') return []
  return parse(text).problems.map(p => {
    const from = position(text, p.offset)
    const to = position(text, p.offset + Math.max(p.length, 1))
    return { severity: 'ERROR', code: 'JSON_SYNTAX_ERROR', text: p.message, row: from.line, column: from.column, end: { row: to.line, column: to.column } }
  })
}

/**
 * found are the server's findings
 * (https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html):
 * its lines are from 1, its columns from 0. A finding without a place is about the
 * whole, one with several places is there once for each.
 */
export function found(all: readonly ValidatePolicyFinding[]): Finding[] {
  const out = all.flatMap((f): Finding[] => {
    const common = { severity: f.findingType, code: f.issueCode, text: f.findingDetails, link: /^https:\/\//.test(f.learnMoreLink) ? f.learnMoreLink : undefined }
    if (!f.locations?.length) return [{ ...common, row: 0, column: 0 }]
    return f.locations.map(({ span: { start, end } }) => ({
      ...common,
      row: Math.max(0, start.line - 1),
      column: start.column,
      end: { row: Math.max(0, end.line - 1), column: end.column },
    }))
  })
  const rank = (f: Finding) => severities.indexOf(f.severity)
  return out.sort((a, b) => rank(a) - rank(b) || a.row - b.row || a.column - b.column)
}

/** validated are the parameters by which a document of a type is checked. */
export function validated(type: PolicyType): Pick<ValidatePolicyRequest, 'policyType' | 'validatePolicyResourceType'> {
  switch (type) {
    case 'identity':
      return { policyType: 'IDENTITY_POLICY' }
    case 'trust':
      return { policyType: 'RESOURCE_POLICY', validatePolicyResourceType: 'AWS::IAM::AssumeRolePolicyDocument' }
    case 'resource':
      return { policyType: 'RESOURCE_POLICY' }
    case 'service-control':
      return { policyType: 'SERVICE_CONTROL_POLICY' }
    case 'resource-control':
      return { policyType: 'RESOURCE_CONTROL_POLICY' }
  }
}

/** counted says how many findings there are of each type: "1 error, 2 warnings". */
export function counted(all: readonly Finding[]): string {
  const parts = severities.flatMap(s => {
    const n = all.filter(f => f.severity === s).length
    return n === 0 ? [] : [`${n} ${severityNames[s][n === 1 ? 0 : 1]}`]
  })
  return parts.join(', ')
}
