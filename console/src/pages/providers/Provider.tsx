import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { call, moment } from '../../api/client'
import { useLoad } from '../../api/load'
import { Tags } from '../../entity/Tags'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { save } from '../../shell/save'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'

export default function ProviderPage() {
  const arn = useSearchParams()[0].get('arn') ?? ''
  return arn.includes(':saml-provider/') ? <SAML arn={arn} /> : <Web arn={arn} />
}

function useDeletion(name: string, act: () => Promise<unknown>) {
  const navigate = useNavigate()
  const tell = useTell()
  const [asking, setAsking] = useState(false)
  return {
    button: <Button onClick={() => setAsking(true)}>Delete</Button>,
    dialog: asking && (
      <Destroy
        one="provider"
        names={[name]}
        act={act}
        close={() => setAsking(false)}
        done={() => {
          tell({ type: 'success', content: `Provider ${name} deleted.` })
          navigate('/providers')
        }}
      >
        Roles that trust it can't be taken on by its identities any more.
      </Destroy>
    ),
  }
}

function Web({ arn }: { arn: string }) {
  const tell = useTell()
  const [adding, setAdding] = useState(false)
  const [audience, setAudience] = useState('')
  const name = arn.replace(/^.*?oidc-provider\//, '')
  const provider = useLoad(() => call('iam', 'GetOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }), [arn])
  const p = provider.value
  const deletion = useDeletion(name, () => call('iam', 'DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }))
  if (provider.error) return <Failure error={provider.error} what="the provider" retry={provider.reload} />
  return (
    <>
      <Page
        title={name}
        actions={deletion.button}
        summary={
          p && (
            <Container>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: 'ARN', value: <Copy text={arn} /> },
                  { label: 'Created', value: date(moment(p.CreateDate)) },
                  { label: 'Thumbprints', value: p.ThumbprintList?.join(', ') || 'None: the certificate must be trusted by the system' },
                ]}
              />
            </Container>
          )
        }
        tabs={[
          {
            id: 'audiences',
            label: 'Audiences',
            content: (
              <Panel
                title="Audiences"
                what="audiences"
                description="A token must be for one of these (its aud claim)."
                loaded={{ ...provider, value: p?.ClientIDList }}
                id={a => a}
                columns={[{ header: 'Audience', cell: a => a }]}
                actions={selected => (
                  <>
                    <Button
                      disabled={selected.length === 0}
                      onClick={async () => {
                        for (const ClientID of selected)
                          await call('iam', 'RemoveClientIDFromOpenIDConnectProvider', { OpenIDConnectProviderArn: arn, ClientID }).catch((e: Error) =>
                            tell({ type: 'error', header: `${ClientID} was not removed`, content: e.message }),
                          )
                        provider.reload()
                      }}
                    >
                      Remove
                    </Button>
                    <Button onClick={() => setAdding(true)}>Add audience</Button>
                  </>
                )}
              />
            ),
          },
          { id: 'tags', label: 'Tags', content: <Tags word="OpenIDConnectProvider" target={{ OpenIDConnectProviderArn: arn }} /> },
        ]}
      />
      {adding && (
        <Ask
          title="Add audience"
          submit="Add"
          ready={audience !== ''}
          close={() => setAdding(false)}
          act={async () => {
            await call('iam', 'AddClientIDToOpenIDConnectProvider', { OpenIDConnectProviderArn: arn, ClientID: audience })
            setAudience('')
            provider.reload()
          }}
        >
          <FormField label="Audience">
            <Input value={audience} onChange={e => setAudience(e.detail.value)} autoFocus />
          </FormField>
        </Ask>
      )}
      {deletion.dialog}
    </>
  )
}

function SAML({ arn }: { arn: string }) {
  const name = arn.replace(/^.*?saml-provider\//, '')
  const provider = useLoad(() => call('iam', 'GetSAMLProvider', { SAMLProviderArn: arn }), [arn])
  const p = provider.value
  const deletion = useDeletion(name, () => call('iam', 'DeleteSAMLProvider', { SAMLProviderArn: arn }))
  if (provider.error) return <Failure error={provider.error} what="the provider" retry={provider.reload} />
  return (
    <>
      <Page
        title={name}
        actions={
          <>
            <Button iconName="download" disabled={!p?.SAMLMetadataDocument} onClick={() => save(`${name}.xml`, p?.SAMLMetadataDocument ?? '', 'application/xml')}>
              Download metadata
            </Button>
            {deletion.button}
          </>
        }
        summary={
          p && (
            <Container>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: 'ARN', value: <Copy text={arn} /> },
                  { label: 'Created', value: date(moment(p.CreateDate)) },
                  { label: 'Valid until', value: date(moment(p.ValidUntil)) || '–' },
                  { label: 'Assertion encryption', value: p.AssertionEncryptionMode ?? 'Off' },
                  { label: 'Private keys', value: p.PrivateKeyList?.map(k => k.KeyId).join(', ') || 'None' },
                ]}
              />
            </Container>
          )
        }
        tabs={[{ id: 'tags', label: 'Tags', content: <Tags word="SAMLProvider" target={{ SAMLProviderArn: arn }} /> }]}
      />
      {deletion.dialog}
    </>
  )
}
