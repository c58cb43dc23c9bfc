import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { call } from '../../api/client'
import { useLoad } from '../../api/load'
import { Ask } from '../../shell/Confirm'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'

const versions = [
  { value: '1', label: 'Valid in the Regions that are enabled by default', description: 'Version 1 tokens, which are shorter.' },
  { value: '2', label: 'Valid in all Regions', description: 'Version 2 tokens, which are longer: see that what stores them has room.' },
]

/**
 * Tokens is the version of session tokens that the global endpoint of STS issues
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html).
 */
export function Tokens() {
  const tell = useTell()
  const [editing, setEditing] = useState(false)
  const [chosen, setChosen] = useState<string>()
  const summary = useLoad(() => call('iam', 'GetAccountSummary', {}), [])
  const version = summary.value && String(summary.value.SummaryMap?.GlobalEndpointTokenVersion ?? 1)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Session tokens from the STS endpoints."
          actions={
            <Button disabled={version === undefined} onClick={() => setEditing(true)}>
              Change
            </Button>
          }
        >
          Security Token Service (STS)
        </Header>
      }
    >
      {summary.error && <Failure error={summary.error} what="the version of tokens" retry={summary.reload} />}
      {summary.loading && !summary.value && <Spinner />}
      {version && (
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Global endpoint', value: versions.find(v => v.value === version)?.label },
            { label: 'Regional endpoints', value: 'Valid in all Regions' },
          ]}
        />
      )}
      {editing && (
        <Ask
          title="Session tokens of the global endpoint"
          submit="Save changes"
          ready={chosen !== undefined && chosen !== version}
          close={() => setEditing(false)}
          act={async () => {
            await call('iam', 'SetSecurityTokenServicePreferences', { GlobalEndpointTokenVersion: chosen === '2' ? 'v2Token' : 'v1Token' })
            tell({ type: 'success', content: 'Tokens of the version are issued from now on. Those that were issued stay as they are.' })
            summary.reload()
          }}
        >
          <RadioGroup ariaLabel="Session tokens" value={chosen ?? version ?? '1'} onChange={e => setChosen(e.detail.value)} items={versions} />
        </Ask>
      )}
    </Container>
  )
}
