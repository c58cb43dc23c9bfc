import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { call, moment } from '../../api/client'
import { useLoad } from '../../api/load'
import { History } from '../../entity/History'
import { Tags } from '../../entity/Tags'
import { Ask, Bulk } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { Trusting } from './Trusting'
import { useDeletion } from './useDeletion'

/** Web is the page of an OpenID Connect provider. */
export function Web({ arn }: { arn: string }) {
  const tell = useTell()
  const [dialog, setDialog] = useState<'add' | 'thumbprints' | string[]>()
  const [audience, setAudience] = useState('')
  const [prints, setPrints] = useState('')
  const name = arn.replace(/^.*?oidc-provider\//, '')
  const provider = useLoad(() => call('iam', 'GetOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }), [arn])
  const p = provider.value
  const deletion = useDeletion(name, () => call('iam', 'DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }))
  if (provider.error) return <Page title={arn} summary={<Failure error={provider.error} what="the provider" retry={provider.reload} />} />
  const shut = () => setDialog(undefined)
  const written = prints.split(/[\s,]+/).filter(t => t !== '')
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
                  { label: 'Provider URL', value: <Copy text={`https://${name}`} /> },
                  { label: 'Created', value: date(moment(p.CreateDate)) },
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
                    {selected.length > 0 && <Button onClick={() => setDialog(selected)}>Remove</Button>}
                    <Button onClick={() => setDialog('add')}>Add audience</Button>
                  </>
                )}
              />
            ),
          },
          {
            id: 'thumbprints',
            label: 'Thumbprints',
            content: (
              <Panel
                title="Thumbprints"
                what="thumbprints"
                description="SHA-1 of certificates that the provider's server may show. Without any, its certificate must be trusted by the system."
                loaded={{ ...provider, value: p && (p.ThumbprintList ?? []) }}
                id={t => t}
                columns={[{ header: 'Thumbprint', cell: t => <Copy text={t} /> }]}
                buttons={
                  <Button
                    onClick={() => {
                      setPrints((p?.ThumbprintList ?? []).join('\n'))
                      setDialog('thumbprints')
                    }}
                  >
                    Manage
                  </Button>
                }
              />
            ),
          },
          { id: 'roles', label: 'Roles', content: <Trusting arn={arn} /> },
          { id: 'tags', label: 'Tags', content: <Tags word="OpenIDConnectProvider" target={{ OpenIDConnectProviderArn: arn }} /> },
          { id: 'history', label: 'History', content: <History entity={arn} /> },
        ]}
      />
      {Array.isArray(dialog) && (
        <Bulk
          title={dialog.length === 1 ? `Remove audience ${dialog[0]}?` : `Remove ${dialog.length} audiences?`}
          submit="Remove"
          one="audience"
          names={dialog}
          act={ClientID => call('iam', 'RemoveClientIDFromOpenIDConnectProvider', { OpenIDConnectProviderArn: arn, ClientID })}
          close={shut}
          done={gone => {
            tell({ type: 'success', content: `${gone.join(', ')} removed.` })
            provider.reload()
          }}
        >
          Tokens for it are refused from then on.
        </Bulk>
      )}
      {dialog === 'add' && (
        <Ask
          title="Add audience"
          submit="Add"
          ready={audience !== ''}
          close={shut}
          act={async () => {
            await call('iam', 'AddClientIDToOpenIDConnectProvider', { OpenIDConnectProviderArn: arn, ClientID: audience })
            tell({ type: 'success', content: `${audience} added.` })
            setAudience('')
            provider.reload()
          }}
        >
          <FormField label="Audience">
            <Input value={audience} onChange={e => setAudience(e.detail.value)} autoFocus disableBrowserAutocorrect />
          </FormField>
        </Ask>
      )}
      {dialog === 'thumbprints' && (
        <Ask
          title="Manage thumbprints"
          submit="Save"
          ready={written.length <= 5 && written.every(t => /^[0-9a-fA-F]{40}$/.test(t))}
          close={shut}
          act={async () => {
            await call('iam', 'UpdateOpenIDConnectProviderThumbprint', { OpenIDConnectProviderArn: arn, ThumbprintList: written })
            tell({ type: 'success', content: 'Thumbprints saved.' })
            provider.reload()
          }}
        >
          <FormField label="Thumbprints" constraintText="One on each line, of 40 hexadecimal digits; five at most">
            <Textarea value={prints} onChange={e => setPrints(e.detail.value)} rows={5} spellcheck={false} disableBrowserAutocorrect />
          </FormField>
        </Ask>
      )}
      {deletion.dialog}
    </>
  )
}
