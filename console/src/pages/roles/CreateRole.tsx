import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import Tiles from '@cloudscape-design/components/tiles'
import Wizard from '@cloudscape-design/components/wizard'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call } from '../../api/client'
import { pageOf } from '../../api/iam'
import type { Tag } from '../../api/iam.gen'
import { ChooseBoundary } from '../../entity/Boundary'
import { ChoosePolicies, type Chosen } from '../../entity/ChoosePolicies'
import { PolicyText } from '../../entity/PolicyText'
import { TagFields } from '../../entity/Tags'
import { each } from '../../shell/each'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { useSession } from '../../shell/session'
import { wizardStrings } from '../../shell/wizard'
import { complete, documentOf, form, type Form } from './trust'
import { Trusted } from './Trusted'

const valid = /^[\w+=,.@-]{1,64}$/
const instances = 'ec2.amazonaws.com'

export default function CreateRole() {
  const navigate = useNavigate()
  const tell = useTell()
  const session = useSession()
  const [step, setStep] = useState(0)
  const [tried, setTried] = useState(false)
  const [trust, setTrust] = useState<Form>(() => form(session.account))
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  const [boundary, setBoundary] = useState<Chosen | null>(null)
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [hours, setHours] = useState('1')
  const [tags, setTags] = useState<Tag[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const document = documentOf(trust)
  const seconds = Math.round(Number(hours) * 3600)
  const longEnough = seconds >= 3600 && seconds <= 43200

  async function create() {
    if (!valid.test(name) || !longEnough) return setTried(true)
    setBusy(true)
    setError(undefined)
    try {
      await call('iam', 'CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument: document,
        Description: description || undefined,
        MaxSessionDuration: seconds,
        PermissionsBoundary: boundary?.value,
        Tags: tags.length > 0 ? tags : undefined,
      })
    } catch (e) {
      setError(e as Error)
      setBusy(false)
      return
    }
    const attached = await each(policies.map(p => p.value ?? ''), PolicyArn => call('iam', 'AttachRolePolicy', { RoleName: name, PolicyArn }), () => {})
    for (const [arn, e] of attached.failed) tell({ type: 'error', header: `${arn} was not attached`, content: e.message })
    // As in AWS's console, instances get the profile by which they have the role.
    if (trust.kind === 'service' && trust.service === instances)
      await call('iam', 'CreateInstanceProfile', { InstanceProfileName: name })
        .then(() => call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: name }))
        .catch((e: Error) => tell({ type: 'error', header: `The instance profile ${name} was not made`, content: e.message }))
    tell({ type: 'success', content: `Role ${name} created.` })
    navigate(pageOf('Role', name))
  }

  return (
    <Wizard
      i18nStrings={wizardStrings('Create role')}
      activeStepIndex={step}
      isLoadingNextStep={busy}
      onNavigate={e => {
        if (e.detail.requestedStepIndex > 0 && !complete(trust)) return setTried(true)
        setTried(false)
        setStep(e.detail.requestedStepIndex)
      }}
      onCancel={() => navigate('/roles')}
      onSubmit={create}
      steps={[
        {
          title: 'Select trusted entity',
          errorText: tried && !complete(trust) ? 'Say whom the role is to trust.' : undefined,
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Trusted entity type</Header>}>
                <Tiles
                  value={trust.kind}
                  ariaLabel="Trusted entity type"
                  onChange={e => setTrust({ ...trust, kind: e.detail.value as Form['kind'], provider: undefined })}
                  items={[
                    { value: 'service', label: 'Service', description: 'A service takes on the role to act for you.' },
                    { value: 'account', label: 'Account', description: 'Principals of this or another account.' },
                    { value: 'web', label: 'Web identity', description: 'Whom an OpenID Connect provider vouches for.' },
                    { value: 'saml', label: 'SAML 2.0 federation', description: 'Whom a SAML provider vouches for.' },
                    { value: 'custom', label: 'Custom trust policy', description: 'Write the policy yourself.' },
                  ]}
                />
              </Container>
              <Container header={<Header variant="h2">{trust.kind === 'custom' ? 'Trust policy' : 'Who'}</Header>}>
                <SpaceBetween size="m">
                  <Trusted key={trust.kind} form={trust} set={change => setTrust(before => ({ ...before, ...change }))} />
                </SpaceBetween>
              </Container>
            </SpaceBetween>
          ),
        },
        {
          title: 'Add permissions',
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Permissions policies</Header>}>
                <ChoosePolicies chosen={policies} set={setPolicies} />
              </Container>
              <ChooseBoundary of="role" chosen={boundary} set={setBoundary} />
            </SpaceBetween>
          ),
        },
        {
          title: 'Name, review and create',
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Role details</Header>}>
                <SpaceBetween size="m">
                  <FormField
                    label="Role name"
                    constraintText="Up to 64 letters, digits and + = , . @ _ -"
                    errorText={(tried || name !== '') && !valid.test(name) && 'A name of letters, digits and + = , . @ _ - is needed.'}
                  >
                    <Input value={name} onChange={e => setName(e.detail.value)} autoFocus disableBrowserAutocorrect />
                  </FormField>
                  <FormField label="Description – optional">
                    <Textarea value={description} onChange={e => setDescription(e.detail.value)} rows={2} />
                  </FormField>
                  <FormField label="Maximum session duration in hours" constraintText="From 1 to 12" errorText={!longEnough && 'It is from 1 to 12 hours.'}>
                    <Input value={hours} inputMode="decimal" onChange={e => setHours(e.detail.value)} />
                  </FormField>
                  <KeyValuePairs
                    columns={2}
                    items={[
                      { label: 'Policies', value: policies.map(p => p.label).join(', ') || '–' },
                      { label: 'Permissions boundary', value: boundary?.label ?? '–' },
                    ]}
                  />
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">Trust policy</Header>}>
                <PolicyText label="Trust policy" value={document} height={240} />
              </Container>
              <Container header={<Header variant="h2">Tags – optional</Header>}>
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
