import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { call } from '../../api/client'
import type { EvaluationResult, Statement } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import type { Entry, Question } from './Simulator'

/** Layers tells what each layer of a principal's policies says to a question, and which statements apply. */
export function Layers({ question, context }: { question: Question; context: Entry[] }) {
  const [open, setOpen] = useState(false)
  return (
    <ExpandableSection headerText="Layer by layer" expanded={open} onChange={e => setOpen(e.detail.expanded)}>
      {open && <Loaded question={question} context={context} />}
    </ExpandableSection>
  )
}

async function simulate(q: Question, context: Entry[]): Promise<EvaluationResult> {
  const out = await call('iam', 'SimulatePrincipalPolicy', {
    PolicySourceArn: q.principal,
    ActionNames: [q.action],
    ResourceArns: [q.resource],
    ContextEntries: context.map(e => {
      const ContextKeyValues = e.values.split(',').map(v => v.trim())
      return { ContextKeyName: e.key, ContextKeyValues, ContextKeyType: ContextKeyValues.length === 1 ? ('string' as const) : ('stringList' as const) }
    }),
  })
  const [result] = out.EvaluationResults ?? []
  if (result === undefined) throw new Error('The simulator gave no result.')
  return result
}

function Loaded({ question, context }: { question: Question; context: Entry[] }) {
  const loaded = useLoad(() => simulate(question, context), [question.principal, question.action, question.resource, JSON.stringify(context)])
  if (loaded.error) return <Failure error={loaded.error} what="the simulation" retry={loaded.reload} />
  const r = loaded.value
  if (r === undefined) return <StatusIndicator type="loading">Asking each layer</StatusIndicator>
  const matched = r.MatchedStatements ?? []
  const organization = r.OrganizationsDecisionDetail?.AllowedByOrganizations
  const boundary = r.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary
  return (
    <SpaceBetween size="s">
      <Layer name="Organization's policies" says={organization === undefined ? undefined : organization ? 'allowed' : 'implicitDeny'} />
      <Layer name="Permissions boundary" says={boundary === undefined ? undefined : boundary ? 'allowed' : 'implicitDeny'} />
      <Layer name="All together" says={r.EvalDecision} />
      <Box variant="awsui-key-label">Statements that apply</Box>
      {matched.length === 0 ? (
        <Box>None: no statement of these policies is about this request.</Box>
      ) : (
        <ul>
          {matched.map((s, i) => (
            <li key={i}>{where(s)}</li>
          ))}
        </ul>
      )}
      {(r.MissingContextValues?.length ?? 0) > 0 && <Box>Policies ask for keys that the request here does not carry: {r.MissingContextValues?.join(', ')}.</Box>}
    </SpaceBetween>
  )
}

function Layer({ name, says }: { name: string; says?: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{name}</Box>
      {says === undefined ? (
        <StatusIndicator type="stopped">None takes part</StatusIndicator>
      ) : says === 'allowed' ? (
        <StatusIndicator type="success">Allows</StatusIndicator>
      ) : (
        <StatusIndicator type="error">{says === 'explicitDeny' ? 'Denies explicitly' : 'Does not allow'}</StatusIndicator>
      )}
    </div>
  )
}

function where(s: Statement): string {
  const kinds: Record<string, string> = { user: 'inline, of the user', group: 'inline, of a group', role: 'inline, of the role', 'aws-managed': 'AWS managed', 'user-managed': 'customer managed', resource: 'resource-based' }
  const kind = kinds[s.SourcePolicyType ?? '']
  return `${s.SourcePolicyId}${kind ? ` (${kind})` : ''}, lines ${s.StartPosition?.Line} to ${s.EndPosition?.Line}`
}
