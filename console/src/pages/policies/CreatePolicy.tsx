import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import Wizard from '@cloudscape-design/components/wizard'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { call } from '../../api/client'
import { policyPage } from '../../api/iam'
import type { Tag } from '../../api/iam.gen'
import { empty } from '../../entity/Permissions'
import { TagFields } from '../../entity/Tags'
import { PolicyEditor } from '../../policy/PolicyEditor'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { wizardStrings } from '../../shell/wizard'
import { Summary } from './Summary'

/** starting is a policy to begin with: nothing, or the actions that an address names, on resources that are still to be said. */
function starting(actions: string[]): string {
  if (actions.length === 0) return empty
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: [] }] }, null, 2)
}

export default function CreatePolicy() {
  const navigate = useNavigate()
  const tell = useTell()
  const [step, setStep] = useState(0)
  const [params] = useSearchParams()
  const [text, setText] = useState(() => starting(params.getAll('action')))
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [tags, setTags] = useState<Tag[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  async function create() {
    if (name.trim() === '') {
      setError(new Error('The policy needs a name.'))
      return
    }
    setBusy(true)
    setError(undefined)
    try {
      const out = await call('iam', 'CreatePolicy', { PolicyName: name, PolicyDocument: text, Description: description || undefined, Tags: tags.length > 0 ? tags : undefined })
      tell({ type: 'success', content: `Policy ${name} created.` })
      navigate(policyPage(out.Policy?.Arn ?? ''))
    } catch (e) {
      setError(e as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Wizard
      i18nStrings={wizardStrings('Create policy')}
      activeStepIndex={step}
      isLoadingNextStep={busy}
      onNavigate={e => setStep(e.detail.requestedStepIndex)}
      onCancel={() => navigate('/policies')}
      onSubmit={create}
      steps={[
        {
          title: 'Specify permissions',
          description: 'What the policy allows and denies. The visual editor and the JSON are one document.',
          content: (
            <PolicyEditor value={text} onChange={setText} type="identity" />
          ),
        },
        {
          title: 'Review and create',
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Policy details</Header>}>
                <SpaceBetween size="m">
                  <FormField label="Policy name" constraintText="Up to 128 letters, digits and + = , . @ _ -">
                    <Input value={name} onChange={e => setName(e.detail.value)} autoFocus />
                  </FormField>
                  <FormField label="Description – optional" constraintText="It can't be changed later.">
                    <Textarea value={description} onChange={e => setDescription(e.detail.value)} />
                  </FormField>
                </SpaceBetween>
              </Container>
              <Summary text={text} />
              <Container header={<Header variant="h2">Tags</Header>}>
                <TagFields items={tags} set={setTags} />
              </Container>
              {error && <Failure error={error} what="the policy" />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  )
}
