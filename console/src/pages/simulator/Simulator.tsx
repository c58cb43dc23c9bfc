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
import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { call } from '../../api/client'
import type { EvaluateResponse } from '../../api/sallyport.gen'
import { Explanation } from '../../decision/Explanation'
import type { Given } from '../../decision/explain'
import { fromAddress, gathered, toAddress } from '../../decision/question'
import { stem } from '../../policy/conditions'
import { useKeys } from '../../policy/useCatalogue'
import { Failure } from '../../shell/Failure'
import { ActionNames } from './ActionNames'
import { Principal } from './Principal'

/** Entry is a row of the condition context; rows of one key are its values. */
interface Entry {
  key: string
  value: string
}

interface Answer {
  action: string
  resource: string
  given: Given
  decision?: EvaluateResponse
  error?: Error
}

/** parts are the lines or comma-separated pieces of a field. */
const parts = (text: string) => text.split(/[\s,]+/).filter(p => p !== '')

export default function Simulator() {
  const [params, setParams] = useSearchParams()
  const [question] = useState(() => fromAddress(params))
  const [principal, setPrincipal] = useState(question.principal)
  const [actions, setActions] = useState(question.actions)
  const [resources, setResources] = useState(question.resources.join('\n'))
  const [context, setContext] = useState<Entry[]>(question.context.flatMap(c => c.Values.map(value => ({ key: c.Key, value }))))
  const [resourcePolicy, setResourcePolicy] = useState('')
  const [sessionPolicy, setSessionPolicy] = useState('')
  const [answers, setAnswers] = useState<Answer[]>([])
  const [busy, setBusy] = useState(false)
  // What was asked last: answers to what was asked before come too late.
  const round = useRef(0)

  async function ask() {
    const current = ++round.current
    setBusy(true)
    const list = parts(resources)
    const given = { resourcePolicy: resourcePolicy.trim() || undefined, sessionPolicy: sessionPolicy.trim() || undefined }
    const questions: Answer[] = actions.flatMap(action => (list.length > 0 ? list : ['*']).map(resource => ({ action, resource, given })))
    setAnswers(questions)
    const Context = gathered(context)
    setParams(toAddress({ principal: principal.trim(), actions, resources: list, context: Context }), { replace: true })
    const put = (i: number, answer: Partial<Answer>) => current === round.current && setAnswers(all => all.map((x, n) => (n === i ? { ...x, ...answer } : x)))
    await Promise.all(
      questions.map((a, i) =>
        call('sallyport', 'Evaluate', { PrincipalArn: principal.trim(), Action: a.action, ResourceArn: a.resource, Context, ResourcePolicy: given.resourcePolicy, SessionPolicy: given.sessionPolicy, Explain: true }).then(
          decision => put(i, { decision }),
          (error: Error) => put(i, { error }),
        ),
      ),
    )
    if (current === round.current) setBusy(false)
  }
  // A link to a whole question leads to its answer.
  useEffect(() => {
    if (principal !== '' && actions.length > 0) void ask()
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

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
          <ExpandableSection headerText="Condition context" defaultExpanded={context.length > 0}>
            <AttributeEditor
              items={context}
              addButtonText="Add key"
              removeButtonText="Remove"
              empty="Keys that are not given are absent from the request."
              additionalInfo="A key with several values has a row for each."
              onAddButtonClick={() => setContext([...context, { key: '', value: '' }])}
              onRemoveButtonClick={e => setContext(context.filter((_, i) => i !== e.detail.itemIndex))}
              definition={[
                { label: 'Key', control: (e, i) => <ContextKey actions={actions} value={e.key} set={key => setContext(context.map((c, n) => (n === i ? { ...c, key } : c)))} /> },
                { label: 'Value', control: (e, i) => <Input value={e.value} placeholder="true" onChange={x => setContext(context.map((c, n) => (n === i ? { ...c, value: x.detail.value } : c)))} /> },
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
          {a.decision && <Explanation decision={a.decision} given={a.given} open={answers.length === 1} />}
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
