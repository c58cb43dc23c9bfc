import Autosuggest from '@cloudscape-design/components/autosuggest'
import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { call } from '../../api/client'
import type { EvaluateResponse } from '../../api/sallyport.gen'
import { stem } from '../../policy/conditions'
import { useKeys } from '../../policy/useCatalogue'
import { Failure } from '../../shell/Failure'
import { ActionNames } from './ActionNames'
import { Explanation } from './Explanation'
import type { Given } from './explain'
import { Layers } from './Layers'
import { Principal } from './Principal'

interface Entry {
  key: string
  values: string
}

export interface Question {
  principal: string
  action: string
  resource: string
}

interface Answer extends Question {
  given: Given
  decision?: EvaluateResponse
  error?: Error
}

/** parts are the lines or comma-separated pieces of a field. */
const parts = (text: string) => text.split(/[\s,]+/).filter(p => p !== '')

export default function Simulator() {
  const [params] = useSearchParams()
  const [principal, setPrincipal] = useState(params.get('principal') ?? '')
  const [actions, setActions] = useState(parts(params.get('action') ?? ''))
  const [resources, setResources] = useState(params.get('resource') ?? '')
  const [context, setContext] = useState<Entry[]>([])
  const [resourcePolicy, setResourcePolicy] = useState('')
  const [sessionPolicy, setSessionPolicy] = useState('')
  const [answers, setAnswers] = useState<Answer[]>([])
  const [busy, setBusy] = useState(false)

  async function ask() {
    setBusy(true)
    const questions: Answer[] = []
    const list = parts(resources)
    const given = { resourcePolicy: resourcePolicy.trim() || undefined, sessionPolicy: sessionPolicy.trim() || undefined }
    for (const action of actions) for (const resource of list.length > 0 ? list : ['*']) questions.push({ principal: principal.trim(), action, resource, given })
    setAnswers(questions)
    const Context = context.filter(e => e.key !== '').map(e => ({ Key: e.key, Values: e.values.split(',').map(v => v.trim()) }))
    await Promise.all(
      questions.map((a, i) =>
        call('sallyport', 'Evaluate', { PrincipalArn: a.principal, Action: a.action, ResourceArn: a.resource, Context, ResourcePolicy: given.resourcePolicy, SessionPolicy: given.sessionPolicy, Explain: true }).then(
          decision => setAnswers(all => all.map((x, n) => (n === i ? { ...x, decision } : x))),
          (error: Error) => setAnswers(all => all.map((x, n) => (n === i ? { ...x, error } : x))),
        ),
      ),
    )
    setBusy(false)
  }

  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="What a principal may do, decided by the engine that enforces it, and why.">
        Policy simulator
      </Header>
      <Container
        footer={
          <Button variant="primary" loading={busy} disabled={principal.trim() === '' || actions.length === 0} onClick={ask}>
            Run simulation
          </Button>
        }
      >
        <SpaceBetween size="m">
          <Principal arn={principal} set={setPrincipal} />
          <ActionNames actions={actions} set={setActions} />
          <FormField label="Resources" description="ARNs, one on each line. Without any, all resources (*).">
            <Textarea value={resources} onChange={e => setResources(e.detail.value)} rows={2} placeholder="arn:aws:s3:::amzn-s3-demo-bucket/report.csv" />
          </FormField>
          <ExpandableSection headerText="Condition context">
            <AttributeEditor
              items={context}
              addButtonText="Add key"
              removeButtonText="Remove"
              empty="Keys that are not given are absent from the request."
              onAddButtonClick={() => setContext([...context, { key: '', values: '' }])}
              onRemoveButtonClick={e => setContext(context.filter((_, i) => i !== e.detail.itemIndex))}
              definition={[
                { label: 'Key', control: (e, i) => <ContextKey actions={actions} value={e.key} set={key => setContext(context.map((c, n) => (n === i ? { ...c, key } : c)))} /> },
                { label: 'Values, comma-separated', control: (e, i) => <Input value={e.values} placeholder="true" onChange={x => setContext(context.map((c, n) => (n === i ? { ...c, values: x.detail.value } : c)))} /> },
              ]}
            />
          </ExpandableSection>
          <ExpandableSection headerText="Policies of the resource and the session">
            <FormField label="Policy of the resource" description="The policy that the resources have, or would have, such as a bucket's or a role's trust policy.">
              <Textarea value={resourcePolicy} onChange={e => setResourcePolicy(e.detail.value)} rows={6} spellcheck={false} />
            </FormField>
            <FormField label="Session policy" description="For a role: the policy that its session would be begun with, which limits it.">
              <Textarea value={sessionPolicy} onChange={e => setSessionPolicy(e.detail.value)} rows={6} spellcheck={false} />
            </FormField>
          </ExpandableSection>
        </SpaceBetween>
      </Container>
      {answers.map((a, i) => (
        <Container
          key={i}
          header={
            <Header variant="h2" actions={a.decision && <Verdict decision={a.decision.Decision} />} description={a.resource}>
              {a.action}
            </Header>
          }
        >
          {a.error && <Failure error={a.error} what="the decision" />}
          {!a.error && !a.decision && <StatusIndicator type="loading">Deciding</StatusIndicator>}
          {a.decision && (
            <SpaceBetween size="m">
              <Explanation decision={a.decision} question={a} />
              {a.decision.Explanation && (
                <ExpandableSection headerText="Layer by layer" defaultExpanded={answers.length === 1}>
                  <Layers decision={a.decision} explanation={a.decision.Explanation} given={a.given} />
                </ExpandableSection>
              )}
            </SpaceBetween>
          )}
        </Container>
      ))}
      {answers.length === 0 && (
        <Box textAlign="center" color="text-status-inactive">
          Results appear here.
        </Box>
      )}
    </SpaceBetween>
  )
}

function Verdict({ decision }: { decision: EvaluateResponse['Decision'] }) {
  if (decision === 'allow') return <Badge color="green">Allowed</Badge>
  return <Badge color="red">{decision === 'explicitDeny' ? 'Denied explicitly' : 'Denied: nothing allows it'}</Badge>
}

/** ContextKey is the name of a condition key, of those that requests for the actions may carry. */
function ContextKey({ actions, value, set }: { actions: string[]; value: string; set: (key: string) => void }) {
  const keys = useKeys(actions)
  return (
    <Autosuggest
      value={value}
      onChange={e => set(e.detail.value)}
      options={(keys.value ?? []).map(k => ({ value: stem(k.Name), description: k.Types[0] }))}
      enteredTextLabel={v => `Use: ${v}`}
      statusType={keys.error ? 'error' : keys.value ? 'finished' : 'loading'}
      errorText={keys.error?.message}
      loadingText="Loading condition keys"
      virtualScroll
      placeholder="aws:MultiFactorAuthPresent"
      ariaLabel="Context key"
      empty="No keys"
    />
  )
}
