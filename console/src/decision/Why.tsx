import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { call, Refusal } from '../api/client'
import { useLoad } from '../api/load'
import type { EvaluateResponse } from '../api/sallyport.gen'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import type { Denied } from './denial'
import { Explanation } from './Explanation'
import { addressOf } from './question'

/** endOf is the end of the second that a record says, so that what was made within it is there. */
const endOf = (at: number) => Math.floor(at) + 0.999

/** explain has a denied call decided again, with the reasons: by the policies in force, or by those of a time. */
function explain(d: Denied, at: number | undefined): Promise<EvaluateResponse> {
  const input = { PrincipalArn: d.principal, Action: d.action, ResourceArn: d.resource, Context: d.context, Explain: true }
  return at === undefined ? call('sallyport', 'Evaluate', input) : call('sallyport', 'EvaluateAt', { ...input, Time: endOf(at) })
}

/**
 * Why says which layer denied a call and what is missing, now or by the policies of a
 * time. To who may not ask that, it says `silent`.
 */
export function Why({ denied, at, silent }: { denied: Denied; at?: number; silent?: string }) {
  const found = useLoad(() => explain(denied, at), [JSON.stringify(denied), at])
  if (found.error instanceof Refusal && (found.error.denied || found.error.missing)) return silent && <Box>{silent}</Box>
  if (found.error) return <Failure error={found.error} what="the decision" retry={found.reload} />
  if (!found.value) return <StatusIndicator type="loading">Looking</StatusIndicator>
  const decision = found.value
  const question = { principal: denied.principal, actions: [denied.action], resources: denied.resource ? [denied.resource] : [], context: denied.context }
  return (
    <SpaceBetween size="m">
      {decision.Decision === 'allow' && <Box>By the policies alone it is allowed: what else the request carried, or the policy of its session, made the difference.</Box>}
      <Explanation decision={decision} given={{}} open={false} />
      <Link to={addressOf(question)}>Open in the policy simulator</Link>
    </SpaceBetween>
  )
}
