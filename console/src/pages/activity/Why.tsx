import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Spinner from '@cloudscape-design/components/spinner'
import { Refusal, call } from '../../api/client'
import { useLoad } from '../../api/load'
import { remedy, statement, type Denied } from '../../shell/denial'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import './activity.css'
import { Explanation } from '../simulator/Explanation'

/** endOf is the end of the second that a record says, so that what was made within it is there. */
const endOf = (at: number | undefined) => at && Math.floor(at) + 0.999

/**
 * Why says what decided a denial, by the policies of that time, and what would have
 * allowed the call. Who may not ask that is told so.
 */
export function Why({ denial, at }: { denial: Denied; at: number | undefined }) {
  const resource = denial.resource ?? '*'
  const decision = useLoad(
    () => call('sallyport', 'EvaluateAt', { PrincipalArn: denial.principal, Action: denial.action, ResourceArn: resource, Time: endOf(at) }),
    [denial.principal, denial.action, resource, at],
  )
  const ask = `/simulator?principal=${encodeURIComponent(denial.principal)}&action=${encodeURIComponent(denial.action)}&resource=${encodeURIComponent(resource)}`
  return (
    <ExpandableSection headerText="What would have allowed it" defaultExpanded>
      {decision.loading && !decision.value && <Spinner />}
      {decision.error instanceof Refusal && decision.error.denied && <Box>You may not see why this was denied: {decision.error.message}</Box>}
      {decision.error && !(decision.error instanceof Refusal && decision.error.denied) && <Failure error={decision.error} what="the decision" retry={decision.reload} />}
      {decision.value && (
        <>
          <Box>{decision.value.Decision === 'allow' ? 'By the policies alone it was allowed: the conditions of the request, or the policy of its session, made the difference.' : remedy(decision.value, denial.action)}</Box>
          {decision.value.Decision === 'implicitDeny' && <div className="scrolls"><Box variant="pre">{statement(denial.action, denial.resource)}</Box></div>}
          <Explanation decision={decision.value} question={{ principal: denial.principal, action: denial.action, resource }} />
        </>
      )}
      <Link to={ask}>Ask the policy simulator what is allowed now</Link>
    </ExpandableSection>
  )
}
