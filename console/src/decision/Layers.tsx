import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { call, document } from '../api/client'
import { pageOf, policyPage } from '../api/iam'
import { useLoad } from '../api/load'
import type { EvaluateResponse, ExplainedLayer, ExplainedPolicy, ExplainedStatement, Explanation } from '../api/sallyport.gen'
import { inlineText, managedText } from '../entity/granted'
import { pretty } from '../entity/PolicyText'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { change, decider, entityOf, layerName, marked, outcome, policyName, sourceOf, type Given, type Source } from './explain'
import { Lines } from './Lines'

interface Props {
  decision: EvaluateResponse
  explanation: Explanation
  given: Given
}

/** Layers tells what each layer of policies said, and by which statements. */
export function Layers({ decision, explanation, given }: Props) {
  const decided = decider(explanation.Layers, decision.DecidedBy)
  return (
    <SpaceBetween size="l">
      {explanation.Layers.map((layer, i) => (
        <Layer key={i} layer={layer} decided={decided} given={given} />
      ))}
      {decision.DecidedBy.Layer === 'rootUser' && <Box>The root user may do everything in its account that no other layer denies. It needs no policy.</Box>}
      {explanation.Truncated && <Box color="text-status-warning">There is more than is shown: an explanation has 1,000 policies, statements and conditions at most.</Box>}
    </SpaceBetween>
  )
}

/** Missing is the smallest change that would have the request allowed. */
export function Missing({ explanation }: { explanation: Explanation }) {
  if (explanation.Missing.length === 0) return null
  return (
    <div>
      <Box variant="h3">To have it allowed, the smallest change</Box>
      <ul aria-label="Smallest change">
        {explanation.Missing.map((m, i) => {
          const { words, add } = change(m)
          return (
            <li key={i}>
              {words}
              {add && (
                <SpaceBetween size="xs">
                  <pre className="lines">{add}</pre>
                  <CopyToClipboard variant="icon" textToCopy={add} copyButtonAriaLabel="Copy the statement" copySuccessText="Copied" copyErrorText="Could not copy" />
                </SpaceBetween>
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Layer({ layer, decided, given }: { layer: ExplainedLayer; decided?: ExplainedStatement; given: Given }) {
  const name = layerName(layer)
  const about = layer.Policies.filter(p => p.Statements.length > 0)
  const silent = layer.Policies.filter(p => p.Statements.length === 0)
  return (
    <section aria-label={name}>
      <SpaceBetween size="xs">
        <SpaceBetween size="s" direction="horizontal" alignItems="center">
          <Box variant="h3">{name}</Box>
          {layer.Effect === 'allow' && <StatusIndicator type="success">Allows</StatusIndicator>}
          {layer.Effect === 'deny' && <StatusIndicator type="error">Denies explicitly</StatusIndicator>}
          {layer.Effect === 'none' && <StatusIndicator type="stopped">Does not allow</StatusIndicator>}
        </SpaceBetween>
        {layer.Policies.length === 0 && <Box color="text-body-secondary">There are no policies in this layer.</Box>}
        {about.map((p, i) => (
          <div key={i}>
            <Box>
              <Named layer={layer} policy={p} />
            </Box>
            {p.Statements.map(s => (
              <Statement key={s.StatementIndex} source={sourceOf(layer.Layer, p)} statement={s} decided={s === decided} given={given} />
            ))}
          </div>
        ))}
        {silent.length > 0 && (
          <Box color="text-body-secondary">
            No statement matches, or fails by its conditions alone, in{' '}
            {silent.map((p, i) => (
              <span key={i}>
                {i > 0 && ', '}
                <Named layer={layer} policy={p} />
              </span>
            ))}
            .
          </Box>
        )}
      </SpaceBetween>
    </section>
  )
}

/** Named is a policy's name, and who has it. */
function Named({ layer, policy }: { layer: ExplainedLayer; policy: ExplainedPolicy }) {
  const name = policyName(layer.Layer, policy)
  const owner = entityOf(policy.AttachedTo ?? '')
  return (
    <>
      {policy.PolicyArn ? <Link to={policyPage(policy.PolicyArn)}>{name}</Link> : name}
      {owner && (
        <>
          , of {owner.kind.toLowerCase()} <Link to={pageOf(owner.kind, owner.name)}>{owner.name}</Link>
        </>
      )}
    </>
  )
}

/** Statement is how one statement fared; opened, it is shown in its policy. */
function Statement({ source, statement, decided, given }: { source?: Source; statement: ExplainedStatement; decided: boolean; given: Given }) {
  const [open, setOpen] = useState(decided)
  const header = (
    <>
      {outcome(statement)} {decided && <Badge color="blue">Decided</Badge>}
    </>
  )
  if (!source) return <Box>{header}</Box>
  return (
    <ExpandableSection headerText={header} expanded={open} onChange={e => setOpen(e.detail.expanded)}>
      {open && <InPolicy source={source} statement={statement} given={given} />}
    </ExpandableSection>
  )
}

function textOf(source: Source, given: Given): Promise<string> {
  if (source.from === 'managed') return managedText(source.arn)
  if (source.from === 'trust') return call('iam', 'GetRole', { RoleName: source.role }).then(out => document(out.Role.AssumeRolePolicyDocument))
  return source.from === 'inline' ? inlineText(source.kind, source.name, source.policy) : Promise.resolve(given[source.layer] ?? '')
}

function InPolicy({ source, statement, given }: { source: Source; statement: ExplainedStatement; given: Given }) {
  const text = useLoad(async () => pretty(await textOf(source, given)), [JSON.stringify([source, given])])
  if (text.error) return <Failure error={text.error} what="the policy" />
  if (text.value === undefined) return <StatusIndicator type="loading">Loading the policy</StatusIndicator>
  const where = marked(text.value, statement.StatementIndex, statement.Failures)
  if (!where) return <Box>The policy has no such statement any more.</Box>
  return <Lines text={text.value} {...where} label={`${statement.StatementId ?? `Statement ${statement.StatementIndex}`} in its policy`} />
}
