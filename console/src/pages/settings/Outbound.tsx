import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Spinner from '@cloudscape-design/components/spinner'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { call, type Refusal } from '../../api/client'
import { useLoad } from '../../api/load'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'

/**
 * Outbound is whether principals can get tokens that prove to others who they are
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html).
 */
export function Outbound() {
  const tell = useTell()
  const [dialog, setDialog] = useState<'on' | 'off'>()
  const info = useLoad(
    () =>
      call('iam', 'GetOutboundWebIdentityFederationInfo', {}).catch((e: Refusal) => {
        if (!e.code.startsWith('FeatureDisabled')) throw e
        return { JwtVendingEnabled: false, IssuerIdentifier: undefined }
      }),
    [],
  )
  const on = info.value?.JwtVendingEnabled
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Principals get signed tokens from STS (GetWebIdentityToken), by which services outside know them."
          actions={
            <Button disabled={info.value === undefined} onClick={() => setDialog(on ? 'off' : 'on')}>
              {on ? 'Disable' : 'Enable'}
            </Button>
          }
        >
          Outbound web identity federation
        </Header>
      }
    >
      {info.error && <Failure error={info.error} what="outbound federation" retry={info.reload} />}
      {info.loading && !info.value && <Spinner />}
      {info.value && (
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'State', value: <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? 'Enabled' : 'Disabled'}</StatusIndicator> },
            { label: 'Token issuer URL', value: <Copy text={info.value.IssuerIdentifier} /> },
          ]}
        />
      )}
      {dialog === 'on' && (
        <Ask
          title="Enable outbound web identity federation"
          submit="Enable"
          close={() => setDialog(undefined)}
          act={async () => {
            const out = await call('iam', 'EnableOutboundWebIdentityFederation', {})
            tell({ type: 'success', content: `Tokens are issued as ${out.IssuerIdentifier}.` })
            info.reload()
          }}
        >
          The account has an issuer URL of its own, which services outside are told to trust. Who may get tokens is decided by policies (sts:GetWebIdentityToken).
        </Ask>
      )}
      {dialog === 'off' && (
        <Destroy
          one="outbound"
          names={['federation']}
          verb="Disable"
          act={() => call('iam', 'DisableOutboundWebIdentityFederation', {})}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: 'No more tokens are issued.' })
            info.reload()
          }}
        >
          No more tokens are issued. Those that were issued are good until they expire.
        </Destroy>
      )}
    </Container>
  )
}
