import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import { useState } from 'react'
import { call, moment, type Refusal } from '../../api/client'
import type { Tag } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { TagFields } from '../../entity/Tags'
import { Ask, Destroy } from '../../shell/Confirm'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { TextFile, xml } from './TextFile'

interface Provider {
  arn: string
  name: string
  kind: 'OpenID Connect' | 'SAML'
  created?: number
}

/** load lists both kinds; whoever may list one of them sees that one. */
async function load(): Promise<Provider[]> {
  const [web, saml] = await Promise.allSettled([call('iam', 'ListOpenIDConnectProviders', {}), call('iam', 'ListSAMLProviders', {})])
  for (const one of [web, saml]) if (one.status === 'rejected' && (!(one.reason as Refusal).denied || (web.status === 'rejected' && saml.status === 'rejected'))) throw one.reason
  const name = (arn: string | undefined) => (arn ?? '').replace(/^.*?provider\//, '')
  return [
    ...(web.status === 'fulfilled' ? (web.value.OpenIDConnectProviderList ?? []) : []).map(p => ({ arn: p.Arn ?? '', name: name(p.Arn), kind: 'OpenID Connect' as const })),
    ...(saml.status === 'fulfilled' ? (saml.value.SAMLProviderList ?? []) : []).map(p => ({ arn: p.Arn ?? '', name: name(p.Arn), kind: 'SAML' as const, created: p.CreateDate })),
  ]
}

export function removeProvider(p: Provider) {
  return p.kind === 'SAML' ? call('iam', 'DeleteSAMLProvider', { SAMLProviderArn: p.arn }) : call('iam', 'DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: p.arn })
}

export default function Providers() {
  const tell = useTell()
  const [dialog, setDialog] = useState<'create' | Provider[]>()
  const providers = useLoad(load, [])
  return (
    <>
      <List
        title="Identity providers"
        one="provider"
        many="providers"
        description="A provider vouches for people and workloads from elsewhere, who take on roles that trust it."
        loaded={providers}
        id={p => p.arn}
        columns={[
          { id: 'name', header: 'Provider', text: p => p.name, cell: p => <Link to={'/providers/details?arn=' + encodeURIComponent(p.arn)}>{p.name}</Link> },
          { id: 'kind', header: 'Type', text: p => p.kind, few: true, cell: p => <Badge>{p.kind}</Badge> },
          { id: 'created', header: 'Created', text: p => date(moment(p.created)), order: p => p.created ?? 0 },
          { id: 'arn', header: 'ARN', text: p => p.arn, hidden: true },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0} onClick={() => setDialog(selected)}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Add provider
            </Button>
          </>
        )}
      />
      {dialog === 'create' && <Create close={() => setDialog(undefined)} done={providers.reload} />}
      {Array.isArray(dialog) && (
        <Destroy
          one="provider"
          names={dialog.map(p => p.name)}
          act={name => removeProvider(dialog.find(p => p.name === name)!)}
          close={() => setDialog(undefined)}
          done={gone => {
            tell({ type: 'success', content: gone.length === 1 ? `Provider ${gone[0]} deleted.` : `${gone.length} providers deleted.` })
            providers.reload()
          }}
        >
          Roles that trust it can't be taken on by its identities any more.
        </Destroy>
      )}
    </>
  )
}

function Create({ close, done }: { close: () => void; done: () => void }) {
  const tell = useTell()
  const [kind, setKind] = useState<'web' | 'saml'>('web')
  const [url, setUrl] = useState('https://')
  const [audience, setAudience] = useState('sts.amazonaws.com')
  const [name, setName] = useState('')
  const [files, setFiles] = useState<File[]>([])
  const [tags, setTags] = useState<Tag[]>([])
  return (
    <Ask
      title="Add identity provider"
      submit="Add provider"
      size="large"
      ready={kind === 'web' ? url.length > 'https://'.length && audience !== '' : name !== '' && files.length === 1}
      close={close}
      act={async () => {
        const Tags = tags.length > 0 ? tags : undefined
        if (kind === 'web') await call('iam', 'CreateOpenIDConnectProvider', { Url: url, ClientIDList: [audience], Tags })
        else await call('iam', 'CreateSAMLProvider', { Name: name, SAMLMetadataDocument: await files[0]!.text(), Tags })
        tell({ type: 'success', content: 'Provider added.' })
        done()
      }}
    >
      <RadioGroup
        ariaLabel="Provider type"
        value={kind}
        onChange={e => setKind(e.detail.value as 'web' | 'saml')}
        items={[
          { value: 'web', label: 'OpenID Connect', description: 'Tokens of an issuer, as of GitHub Actions or a Kubernetes cluster.' },
          { value: 'saml', label: 'SAML', description: 'Assertions of a company’s directory.' },
        ]}
      />
      {kind === 'web' ? (
        <>
          <FormField label="Provider URL" description="As in the iss claim of its tokens.">
            <Input value={url} onChange={e => setUrl(e.detail.value)} inputMode="url" />
          </FormField>
          <FormField label="Audience" description="The aud claim of its tokens.">
            <Input value={audience} onChange={e => setAudience(e.detail.value)} />
          </FormField>
        </>
      ) : (
        <>
          <FormField label="Provider name">
            <Input value={name} onChange={e => setName(e.detail.value)} />
          </FormField>
          <FormField label="Metadata document">
            <TextFile accept={xml} files={files} set={setFiles} />
          </FormField>
        </>
      )}
      <FormField label="Tags – optional">
        <TagFields items={tags} set={setTags} />
      </FormField>
    </Ask>
  )
}
