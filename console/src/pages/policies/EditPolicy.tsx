import Alert from '@cloudscape-design/components/alert'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Wizard from '@cloudscape-design/components/wizard'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { call, document, moment, pages } from '../../api/client'
import { policyPage } from '../../api/iam'
import type { PolicyVersion } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { pretty } from '../../entity/PolicyText'
import { PolicyEditor } from '../../policy/PolicyEditor'
import { Page } from '../../shell/Page'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { wizardStrings } from '../../shell/wizard'
import { Diff } from './Diff'
import { Summary } from './Summary'

/** kept is how many versions a policy has at most (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html). */
const kept = 5

/** EditPolicy makes a new version of a policy. */
export default function EditPolicy() {
  const [params] = useSearchParams()
  const arn = params.get('arn') ?? ''
  const loaded = useLoad(async () => {
    const [policy, versions] = await Promise.all([
      call('iam', 'GetPolicy', { PolicyArn: arn }).then(o => o.Policy!),
      pages(Marker => call('iam', 'ListPolicyVersions', { PolicyArn: arn, Marker }), o => o.Versions),
    ])
    const current = await call('iam', 'GetPolicyVersion', { PolicyArn: arn, VersionId: policy.DefaultVersionId ?? '' })
    return { name: policy.PolicyName ?? arn, versions, text: pretty(document(current.PolicyVersion?.Document)) }
  }, [arn])
  if (loaded.error) return <Page title={arn} summary={<Failure error={loaded.error} what="the policy" retry={loaded.reload} />} />
  if (loaded.value === undefined) return <Header variant="h1">Edit policy</Header>
  return <Steps arn={arn} {...loaded.value} before={loaded.value.text} />
}

function Steps({ arn, name, versions, before }: { arn: string; name: string; versions: PolicyVersion[]; before: string }) {
  const navigate = useNavigate()
  const tell = useTell()
  const [step, setStep] = useState(0)
  const [text, setText] = useState(before)
  const [inForce, setInForce] = useState(true)
  const others = versions.filter(v => !v.IsDefaultVersion).sort((a, b) => (a.CreateDate ?? 0) - (b.CreateDate ?? 0))
  const full = versions.length >= kept
  const options = others.map(v => ({ value: v.VersionId, label: v.VersionId, description: `Created ${date(moment(v.CreateDate))}` }))
  const [going, setGoing] = useState(options[0]?.value)
  /** gone is the version that an earlier try has deleted. */
  const [gone, setGone] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  async function create() {
    setBusy(true)
    setError(undefined)
    try {
      if (full && going !== undefined && gone === undefined) {
        await call('iam', 'DeletePolicyVersion', { PolicyArn: arn, VersionId: going })
        setGone(going)
      }
      const out = await call('iam', 'CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: text, SetAsDefault: inForce })
      tell({ type: 'success', content: `Version ${out.PolicyVersion?.VersionId} of ${name} created.` })
      navigate(policyPage(arn) + '&tab=versions')
    } catch (e) {
      setError(e as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Wizard
      i18nStrings={wizardStrings('Save changes')}
      activeStepIndex={step}
      isLoadingNextStep={busy}
      onNavigate={e => setStep(e.detail.requestedStepIndex)}
      onCancel={() => navigate(policyPage(arn))}
      onSubmit={create}
      steps={[
        {
          title: `Modify permissions of ${name}`,
          description: 'The visual editor and the JSON are one document. Saving makes a new version of it.',
          content: <PolicyEditor value={text} onChange={setText} type="identity" />,
        },
        {
          title: 'Review and save',
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">New version</Header>}>
                <SpaceBetween size="m">
                  <Checkbox checked={inForce} onChange={e => setInForce(e.detail.checked)} description="It is then in force wherever the policy is attached.">
                    Set as the default version
                  </Checkbox>
                  {full && gone === undefined && (
                    <FormField label="Version to delete" description={`A policy has at most ${kept} versions, and this one has that many. Saving deletes one for good.`}>
                      <Select selectedOption={options.find(o => o.value === going) ?? null} options={options} onChange={e => setGoing(e.detail.selectedOption.value)} ariaLabel="Version to delete" />
                    </FormField>
                  )}
                  {gone !== undefined && <Alert type="info">Version {gone} was deleted.</Alert>}
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">Changes</Header>}>
                <Diff before={before} after={text} />
              </Container>
              <Summary text={text} />
              {error && <Failure error={error} what="the policy" />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  )
}
