import Box from '@cloudscape-design/components/box'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { call, type Refusal } from '../api/client'
import { useLoad } from '../api/load'
import type { EvaluateResponse } from '../api/sallyport.gen'
import { asked, decoded, deniedBy, remedy, statement, type Denied } from './denial'
import { Link } from './Link'

interface Answer {
  denied: Denied
  /** decision is absent when the viewer may not ask for it. */
  decision?: EvaluateResponse
}

async function answer(refusal: Refusal): Promise<Answer | undefined> {
  // Both need permissions of their own: whoever lacks them is told what the message says.
  const message = refusal.explained && (await call('sts', 'DecodeAuthorizationMessage', { EncodedMessage: refusal.explained }).catch(() => undefined))?.DecodedMessage
  const denied = (message && decoded(message)) || deniedBy(refusal.message)
  if (!denied) return undefined
  const decision = await call('sallyport', 'Evaluate', { PrincipalArn: asked(denied.principal), Action: denied.action, ResourceArn: denied.resource }).catch(() => undefined)
  return { denied, decision }
}

/** Why says what a denied call needed, as far as the viewer may know. */
export default function Why({ refusal }: { refusal: Refusal }) {
  const found = useLoad(() => answer(refusal), [refusal])
  if (found.loading) return <StatusIndicator type="loading">Looking</StatusIndicator>
  if (!found.value) return <Box>The message says all that is known.</Box>
  const { denied, decision } = found.value
  const implicit = decision?.Decision === 'implicitDeny' && ['identityPolicy', 'permissionsBoundary', 'sessionPolicy'].includes(decision.DecidedBy.Layer)
  const query = new URLSearchParams({ principal: asked(denied.principal), action: denied.action, resource: denied.resource ?? '' })
  return (
    <SpaceBetween size="xs">
      <Box>
        {denied.action} on {denied.resource ?? 'all resources'} was asked for by {denied.principal}.
      </Box>
      {decision ? <Box>{remedy(decision, denied.action)}</Box> : <Box color="text-status-inactive">You may not see the policies that decided (sallyport:Evaluate).</Box>}
      {implicit && (
        <SpaceBetween size="xs" direction="horizontal">
          <Box variant="pre">{statement(denied.action, denied.resource)}</Box>
          <CopyToClipboard variant="icon" textToCopy={statement(denied.action, denied.resource)} copyButtonAriaLabel="Copy the statement" copySuccessText="Copied" copyErrorText="Could not copy" />
        </SpaceBetween>
      )}
      {decision && <Link to={`/simulator?${query}`}>Open in the policy simulator</Link>}
    </SpaceBetween>
  )
}
