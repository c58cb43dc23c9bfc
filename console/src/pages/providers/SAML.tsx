import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call, moment } from '../../api/client'
import type { SAMLPrivateKey } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { History } from '../../entity/History'
import { Tags } from '../../entity/Tags'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { save } from '../../shell/save'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { pem, TextFile, xml } from './TextFile'
import { Trusting } from './Trusting'
import { useDeletion } from './useDeletion'

/** modes are whether a provider must encrypt what it sends. */
export const modes = [
  { value: 'Allowed', label: 'Encryption allowed', description: 'Assertions may be encrypted, and may not.' },
  { value: 'Required', label: 'Encryption required', description: 'Assertions that are not encrypted are refused.' },
] as const

type Mode = (typeof modes)[number]['value']

/** SAML is the page of a SAML provider. */
export function SAML({ arn }: { arn: string }) {
  const tell = useTell()
  const name = arn.replace(/^.*?saml-provider\//, '')
  const [dialog, setDialog] = useState<'metadata' | 'key' | 'mode' | SAMLPrivateKey[]>()
  const [files, setFiles] = useState<File[]>([])
  const [mode, setMode] = useState<Mode>()
  const provider = useLoad(() => call('iam', 'GetSAMLProvider', { SAMLProviderArn: arn }), [arn])
  const p = provider.value
  const deletion = useDeletion(name, () => call('iam', 'DeleteSAMLProvider', { SAMLProviderArn: arn }))
  if (provider.error) return <Page title={arn} summary={<Failure error={provider.error} what="the provider" retry={provider.reload} />} />
  const shut = () => {
    setDialog(undefined)
    setFiles([])
  }
  const update = async (input: object, text: string) => {
    await call('iam', 'UpdateSAMLProvider', { SAMLProviderArn: arn, ...input })
    tell({ type: 'success', content: text })
    provider.reload()
  }
  return (
    <>
      <Page
        title={name}
        actions={
          <>
            <Button iconName="download" disabled={!p?.SAMLMetadataDocument} onClick={() => save(`${name}.xml`, p?.SAMLMetadataDocument ?? '', 'application/xml')}>
              Download metadata
            </Button>
            <Button onClick={() => setDialog('metadata')}>Replace metadata</Button>
            {deletion.button}
          </>
        }
        summary={
          p && (
            <Container>
              <KeyValuePairs
                columns={4}
                items={[
                  { label: 'ARN', value: <Copy text={arn} /> },
                  { label: 'Created', value: date(moment(p.CreateDate)) },
                  { label: 'Valid until', value: date(moment(p.ValidUntil)) || '–' },
                  { label: 'Assertion encryption', value: p.PrivateKeyList?.length ? (p.AssertionEncryptionMode ?? 'Allowed') : 'Off: there is no private key' },
                ]}
              />
            </Container>
          )
        }
        tabs={[
          { id: 'roles', label: 'Roles', content: <Trusting arn={arn} /> },
          {
            id: 'encryption',
            label: 'Encryption',
            content: (
              <Panel
                title="Private keys"
                what="private keys"
                description="They decrypt assertions. There can be two, so that one can take the place of the other."
                loaded={{ ...provider, value: p && (p.PrivateKeyList ?? []) }}
                id={k => k.KeyId ?? ''}
                columns={[
                  { header: 'Key ID', cell: k => <Copy text={k.KeyId} /> },
                  { header: 'Added', cell: k => date(moment(k.Timestamp)) },
                ]}
                single
                actions={selected => (
                  <>
                    {selected.length > 0 && <Button onClick={() => setDialog(selected)}>Remove</Button>}
                    <Button disabled={!p?.PrivateKeyList?.length} onClick={() => setDialog('mode')}>
                      Change mode
                    </Button>
                    <Button disabled={(p?.PrivateKeyList?.length ?? 0) >= 2} onClick={() => setDialog('key')}>
                      Add private key
                    </Button>
                  </>
                )}
              />
            ),
          },
          { id: 'tags', label: 'Tags', content: <Tags word="SAMLProvider" target={{ SAMLProviderArn: arn }} /> },
          { id: 'history', label: 'History', content: <History entity={arn} /> },
        ]}
      />
      {dialog === 'metadata' && (
        <Ask
          title={`Replace the metadata of ${name}`}
          submit="Replace"
          ready={files.length === 1}
          close={shut}
          act={async () => update({ SAMLMetadataDocument: await files[0]!.text() }, 'Metadata replaced. Assertions are checked with its certificates from now on.')}
        >
          <FormField label="Metadata document" description="From your identity provider; for a change of certificates, with the old and the new one.">
            <TextFile accept={xml} files={files} set={setFiles} />
          </FormField>
        </Ask>
      )}
      {dialog === 'key' && (
        <Ask
          title="Add private key"
          submit="Add"
          ready={files.length === 1}
          close={shut}
          act={async () => update({ AddPrivateKey: await files[0]!.text(), AssertionEncryptionMode: p?.AssertionEncryptionMode ?? 'Allowed' }, 'Private key added.')}
        >
          <FormField label="Private key" description="A PEM file. Its certificate goes to the identity provider, which encrypts for it.">
            <TextFile accept={pem} files={files} set={setFiles} />
          </FormField>
        </Ask>
      )}
      {dialog === 'mode' && (
        <Ask title="Assertion encryption" submit="Save" ready={mode !== undefined && mode !== p?.AssertionEncryptionMode} close={shut} act={() => update({ AssertionEncryptionMode: mode }, 'Assertion encryption changed.')}>
          <SpaceBetween size="s">
            <RadioGroup ariaLabel="Assertion encryption" value={mode ?? p?.AssertionEncryptionMode ?? null} onChange={e => setMode(e.detail.value as Mode)} items={[...modes]} />
          </SpaceBetween>
        </Ask>
      )}
      {Array.isArray(dialog) && (
        <Destroy one="private key" names={dialog.map(k => k.KeyId ?? '')} verb="Remove" act={RemovePrivateKey => update({ RemovePrivateKey }, 'Private key removed.')} close={shut} done={() => {}}>
          Assertions that were encrypted for it can't be read any more.
        </Destroy>
      )}
      {deletion.dialog}
    </>
  )
}
