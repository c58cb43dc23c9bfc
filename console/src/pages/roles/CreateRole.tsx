import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import Tiles from '@cloudscape-design/components/tiles'
import Wizard from '@cloudscape-design/components/wizard'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Tag } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { ChoosePolicies } from '../../entity/Permissions'
import { PolicyText } from '../../entity/PolicyText'
import { TagFields } from '../../entity/Tags'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { useSession } from '../../shell/session'
import { wizardStrings } from '../../shell/wizard'
import { trustPolicy, type Trust } from './trust'

type Kind = Trust['kind'] | 'custom'

export default function CreateRole() {
  const navigate = useNavigate()
  const tell = useTell()
  const session = useSession()
  const [step, setStep] = useState(0)
  const [kind, setKind] = useState<Kind>('account')
  const [account, setAccount] = useState(session.account)
  const [externalId, setExternalId] = useState('')
  const [mfa, setMfa] = useState(false)
  const [service, setService] = useState('ec2.amazonaws.com')
  const [provider, setProvider] = useState<{ value?: string; label?: string } | null>(null)
  const [audience, setAudience] = useState('sts.amazonaws.com')
  const [subject, setSubject] = useState('')
  const [custom, setCustom] = useState('{\n  "Version": "2012-10-17",\n  "Statement": []\n}')
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [tags, setTags] = useState<Tag[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()

  const document = (() => {
    switch (kind) {
      case 'account':
        return trustPolicy({ kind, account, externalId, mfa })
      case 'service':
        return trustPolicy({ kind, service })
      case 'web':
        return trustPolicy({ kind, provider: provider?.value ?? '', issuer: provider?.label ?? '', audience, subject })
      case 'saml':
        return trustPolicy({ kind, provider: provider?.value ?? '', audience: 'https://signin.aws.amazon.com/saml' })
      case 'custom':
        return custom
    }
  })()
  const ready = {
    account: /^\d{12}$/.test(account),
    service: service !== '',
    web: provider !== null && audience !== '',
    saml: provider !== null,
    custom: true,
  }[kind]

  async function create() {
    setBusy(true)
    setError(undefined)
    try {
      await call('iam', 'CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument: document,
        Description: description || undefined,
        Tags: tags.length > 0 ? tags : undefined,
      })
    } catch (e) {
      setError(e as Error)
      setBusy(false)
      return
    }
    for (const p of policies)
      await call('iam', 'AttachRolePolicy', { RoleName: name, PolicyArn: p.value ?? '' }).catch((e: Error) =>
        tell({ type: 'error', header: `${p.label} was not attached`, content: e.message }),
      )
    tell({ type: 'success', content: `Role ${name} created.` })
    navigate(pageOf('Role', name))
  }

  return (
    <Wizard
      i18nStrings={wizardStrings('Create role')}
      activeStepIndex={step}
      isLoadingNextStep={busy}
      onNavigate={e => {
        if (e.detail.requestedStepIndex > 0 && !ready) return
        setStep(e.detail.requestedStepIndex)
      }}
      onCancel={() => navigate('/roles')}
      onSubmit={create}
      steps={[
        {
          title: 'Select trusted entity',
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Trusted entity type</Header>}>
                <Tiles
                  value={kind}
                  ariaLabel="Trusted entity type"
                  onChange={e => {
                    setKind(e.detail.value as Kind)
                    setProvider(null)
                  }}
                  items={[
                    { value: 'service', label: 'Service', description: 'A service takes on the role to act for you.' },
                    { value: 'account', label: 'Account', description: 'Principals of this or another account.' },
                    { value: 'web', label: 'Web identity', description: 'Whom an OpenID Connect provider vouches for.' },
                    { value: 'saml', label: 'SAML 2.0 federation', description: 'Whom a SAML provider vouches for.' },
                    { value: 'custom', label: 'Custom trust policy', description: 'Write the policy yourself.' },
                  ]}
                />
              </Container>
              <Container header={<Header variant="h2">{kind === 'custom' ? 'Trust policy' : 'Who'}</Header>}>
                <SpaceBetween size="m">
                  {kind === 'account' && (
                    <>
                      <FormField label="Account ID" constraintText="12 digits">
                        <Input value={account} onChange={e => setAccount(e.detail.value)} inputMode="numeric" />
                      </FormField>
                      <FormField label="External ID – optional" description="Where a third party takes on the role, so that nobody else can have it do so for them.">
                        <Input value={externalId} onChange={e => setExternalId(e.detail.value)} />
                      </FormField>
                      <Checkbox checked={mfa} onChange={e => setMfa(e.detail.checked)}>
                        Require MFA
                      </Checkbox>
                    </>
                  )}
                  {kind === 'service' && (
                    <FormField label="Service principal" description="For example lambda.amazonaws.com.">
                      <Input value={service} onChange={e => setService(e.detail.value)} />
                    </FormField>
                  )}
                  {(kind === 'web' || kind === 'saml') && <ChooseProvider key={kind} kind={kind} chosen={provider} set={setProvider} />}
                  {kind === 'web' && (
                    <>
                      <FormField label="Audience">
                        <Input value={audience} onChange={e => setAudience(e.detail.value)} />
                      </FormField>
                      <FormField label="Subject" description="Whose tokens are taken; * stands for any characters. Where many tenants share an issuer it must be given.">
                        <Input value={subject} onChange={e => setSubject(e.detail.value)} placeholder="repo:example-org/example-repo:ref:refs/heads/main" />
                      </FormField>
                    </>
                  )}
                  {kind === 'custom' && <PolicyText label="Trust policy" value={custom} onChange={setCustom} />}
                </SpaceBetween>
              </Container>
            </SpaceBetween>
          ),
        },
        {
          title: 'Add permissions',
          content: (
            <Container header={<Header variant="h2">Permissions policies</Header>}>
              <ChoosePolicies chosen={policies} set={setPolicies} />
            </Container>
          ),
        },
        {
          title: 'Name, review and create',
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Role details</Header>}>
                <SpaceBetween size="m">
                  <FormField label="Role name" constraintText="Up to 64 letters, digits and + = , . @ _ -">
                    <Input value={name} onChange={e => setName(e.detail.value)} autoFocus />
                  </FormField>
                  <FormField label="Description – optional">
                    <Textarea value={description} onChange={e => setDescription(e.detail.value)} />
                  </FormField>
                  <KeyValuePairs items={[{ label: 'Policies', value: policies.map(p => p.label).join(', ') || '–' }]} />
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">Trust policy</Header>}>
                <PolicyText label="Trust policy" value={document} height={240} />
              </Container>
              <Container header={<Header variant="h2">Tags</Header>}>
                <TagFields items={tags} set={setTags} />
              </Container>
              {error && <Failure error={error} what="the role" />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  )
}

function ChooseProvider({ kind, chosen, set }: { kind: 'web' | 'saml'; chosen: { value?: string; label?: string } | null; set: (o: { value?: string; label?: string }) => void }) {
  const providers = useLoad(
    async () =>
      kind === 'web'
        ? ((await call('iam', 'ListOpenIDConnectProviders', {})).OpenIDConnectProviderList ?? []).map(p => p.Arn ?? '')
        : ((await call('iam', 'ListSAMLProviders', {})).SAMLProviderList ?? []).map(p => p.Arn ?? ''),
    [kind],
  )
  return (
    <FormField label="Identity provider">
      {providers.error && <Failure error={providers.error} what="identity providers" retry={providers.reload} />}
      <Select
        selectedOption={chosen}
        onChange={e => set(e.detail.selectedOption)}
        options={(providers.value ?? []).map(arn => ({ value: arn, label: arn.replace(/^[^/]*\//, '') }))}
        statusType={providers.loading ? 'loading' : 'finished'}
        placeholder="Choose a provider"
        empty="This account has no such provider"
        ariaLabel="Identity provider"
      />
    </FormField>
  )
}
