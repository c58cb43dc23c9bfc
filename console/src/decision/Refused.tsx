import Box from '@cloudscape-design/components/box'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { call, type Refusal } from '../api/client'
import { useLoad } from '../api/load'
import { decoded, deniedBy, type Denied } from './denial'
import { Why } from './Why'

const silent = 'The message says all that you may know.'

/** about is what a refused call was about: what its encoded message tells those who may open it, or else what the refusal says. */
async function about(refusal: Refusal): Promise<Denied | undefined> {
  const message = refusal.explained && (await call('sts', 'DecodeAuthorizationMessage', { EncodedMessage: refusal.explained }).catch(() => undefined))?.DecodedMessage
  return (message && decoded(message)) || deniedBy(refusal.message)
}

/** Refused says what a denied call needed, as far as the viewer may know. */
export default function Refused({ refusal }: { refusal: Refusal }) {
  const denied = useLoad(() => about(refusal), [refusal])
  if (denied.loading) return <StatusIndicator type="loading">Looking</StatusIndicator>
  return denied.value ? <Why denied={denied.value} silent={silent} /> : <Box>{silent}</Box>
}
