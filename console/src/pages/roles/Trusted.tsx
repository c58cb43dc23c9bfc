import Autosuggest from '@cloudscape-design/components/autosuggest'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import { call } from '../../api/client'
import { useLoad } from '../../api/load'
import { PolicyEditor } from '../../policy/PolicyEditor'
import { Failure } from '../../shell/Failure'
import { useSession } from '../../shell/session'
import { services } from './services'
import { githubSubject, type Form } from './trust'

const github = 'token.actions.githubusercontent.com'

/** Trusted asks whom a role is to trust. */
export function Trusted({ form, set }: { form: Form; set: (change: Partial<Form>) => void }) {
  const session = useSession()
  switch (form.kind) {
    case 'service':
      return (
        <FormField label="Service principal" description="Choose one, or write another such as lambda.amazonaws.com.">
          <Autosuggest
            value={form.service}
            onChange={e => set({ service: e.detail.value })}
            options={services.map(s => ({ value: s.value, label: s.value, description: s.label }))}
            enteredTextLabel={value => `Use: ${value}`}
            placeholder="ec2.amazonaws.com"
            ariaLabel="Service principal"
            empty="No such service is known"
          />
        </FormField>
      )
    case 'account':
      return (
        <>
          <RadioGroup
            ariaLabel="Account"
            value={form.other ? 'other' : 'this'}
            onChange={e => set({ other: e.detail.value === 'other', account: e.detail.value === 'other' ? '' : session.account })}
            items={[
              { value: 'this', label: `This account (${session.account})` },
              { value: 'other', label: 'Another account' },
            ]}
          />
          {form.other && (
            <FormField label="Account ID" constraintText="12 digits" errorText={form.account !== '' && !/^\d{12}$/.test(form.account) && 'An account ID has 12 digits.'}>
              <Input value={form.account} onChange={e => set({ account: e.detail.value.replaceAll('-', '').trim() })} inputMode="numeric" placeholder="111122223333" />
            </FormField>
          )}
          <FormField label="External ID – optional" description="Where a third party takes on the role, so that nobody else can have it do so for them.">
            <Input value={form.externalId} onChange={e => set({ externalId: e.detail.value })} disableBrowserAutocorrect />
          </FormField>
          <Checkbox checked={form.mfa} onChange={e => set({ mfa: e.detail.checked })}>
            Require MFA
          </Checkbox>
        </>
      )
    case 'web':
      return <Web form={form} set={set} />
    case 'saml':
      return (
        <>
          <ChooseProvider form={form} set={set} />
          <FormField label="Audience" description="Where assertions are posted to: the value of SAML:aud.">
            <Autosuggest
              value={form.samlAudience}
              onChange={e => set({ samlAudience: e.detail.value })}
              options={[
                { value: 'https://signin.aws.amazon.com/saml', description: 'Providers that were set up for AWS' },
                { value: `${location.origin}/saml`, description: 'Providers that were set up for this server' },
              ]}
              enteredTextLabel={value => `Use: ${value}`}
              ariaLabel="Audience"
            />
          </FormField>
        </>
      )
    case 'custom':
      return <PolicyEditor type="trust" label="Trust policy" value={form.custom} onChange={custom => set({ custom })} />
  }
}

function Web({ form, set }: { form: Form; set: (change: Partial<Form>) => void }) {
  const audiences = useLoad(
    async () => (form.provider ? ((await call('iam', 'GetOpenIDConnectProvider', { OpenIDConnectProviderArn: form.provider.arn })).ClientIDList ?? []) : []),
    [form.provider?.arn],
  )
  return (
    <>
      <ChooseProvider form={form} set={set} />
      <FormField label="Audience" description="The aud claim of its tokens, one of those that the provider is registered with.">
        <Autosuggest
          value={form.audience}
          onChange={e => set({ audience: e.detail.value })}
          options={(audiences.value ?? []).map(value => ({ value }))}
          enteredTextLabel={value => `Use: ${value}`}
          ariaLabel="Audience"
          empty="The provider has no audiences"
        />
      </FormField>
      {form.provider?.issuer === github ? (
        <>
          <FormField label="GitHub organization">
            <Input value={form.organization} onChange={e => set({ organization: e.detail.value, subject: githubSubject(e.detail.value, form.repository, form.branch) })} disableBrowserAutocorrect />
          </FormField>
          <FormField label="Repository – optional" description="Without one, every repository of the organization.">
            <Input value={form.repository} onChange={e => set({ repository: e.detail.value, subject: githubSubject(form.organization, e.detail.value, form.branch) })} disableBrowserAutocorrect />
          </FormField>
          <FormField label="Branch – optional">
            <Input value={form.branch} onChange={e => set({ branch: e.detail.value, subject: githubSubject(form.organization, form.repository, e.detail.value) })} disableBrowserAutocorrect />
          </FormField>
        </>
      ) : (
        <FormField label="Subject" description="Whose tokens are taken; * stands for any characters. Where many tenants share an issuer it must be given.">
          <Input value={form.subject} onChange={e => set({ subject: e.detail.value })} placeholder="system:serviceaccount:default:my-app" disableBrowserAutocorrect />
        </FormField>
      )}
    </>
  )
}

function ChooseProvider({ form, set }: { form: Form; set: (change: Partial<Form>) => void }) {
  const providers = useLoad(
    async () =>
      form.kind === 'web'
        ? ((await call('iam', 'ListOpenIDConnectProviders', {})).OpenIDConnectProviderList ?? []).map(p => p.Arn ?? '')
        : ((await call('iam', 'ListSAMLProviders', {})).SAMLProviderList ?? []).map(p => p.Arn ?? ''),
    [form.kind],
  )
  const issuer = (arn: string) => arn.replace(/^[^/]*\//, '')
  return (
    <FormField label="Identity provider">
      {providers.error && <Failure error={providers.error} what="identity providers" retry={providers.reload} />}
      <Select
        selectedOption={form.provider ? { value: form.provider.arn, label: form.provider.issuer } : null}
        onChange={e => set({ provider: { arn: e.detail.selectedOption.value ?? '', issuer: issuer(e.detail.selectedOption.value ?? '') } })}
        options={(providers.value ?? []).map(arn => ({ value: arn, label: issuer(arn) }))}
        statusType={providers.loading ? 'loading' : 'finished'}
        loadingText="Loading providers"
        placeholder="Choose a provider"
        empty="This account has no such provider"
        ariaLabel="Identity provider"
      />
    </FormField>
  )
}
