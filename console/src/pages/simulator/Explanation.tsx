import Box from '@cloudscape-design/components/box'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { call, document } from '../../api/client'
import { policyPage } from '../../api/iam'
import type { EvaluateResponse, StatementReference } from '../../api/sallyport.gen'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import type { Question } from './Simulator'
import { Lines } from './Lines'

const layers: Record<StatementReference['Layer'], string> = {
  serviceControlPolicy: 'Service control policy',
  resourceControlPolicy: 'Resource control policy',
  resourcePolicy: 'Resource-based policy',
  accessControlList: 'Access control list',
  identityPolicy: 'Identity-based policy',
  permissionsBoundary: 'Permissions boundary',
  sessionPolicy: 'Session policy',
  rootUser: 'Root user',
  resourceType: 'Type of the resource',
}

/** Explanation says which layer and statement decided, and shows the statement in its policy. */
export function Explanation({ decision, question }: { decision: EvaluateResponse; question: Question }) {
  const by = decision.DecidedBy
  return (
    <SpaceBetween size="m">
      <Box>{decision.Reason}</Box>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Decided by', value: layers[by.Layer] },
          { label: 'Policy', value: by.PolicyArn ? <Link to={policyPage(by.PolicyArn)}>{by.PolicyName ?? by.PolicyArn}</Link> : by.PolicyName ?? '–' },
          { label: 'Statement', value: by.StatementId ?? (by.StatementIndex === undefined ? '–' : `Number ${by.StatementIndex}`) },
        ]}
      />
      {by.PolicyArn && by.Line !== undefined && <Statement arn={by.PolicyArn} line={by.Line} />}
      <Box variant="small">
        {question.principal}, {question.action}, {question.resource}
      </Box>
    </SpaceBetween>
  )
}

function Statement({ arn, line }: { arn: string; line: number }) {
  const text = useLoad(async () => {
    const policy = (await call('iam', 'GetPolicy', { PolicyArn: arn })).Policy
    return document((await call('iam', 'GetPolicyVersion', { PolicyArn: arn, VersionId: policy?.DefaultVersionId ?? '' })).PolicyVersion?.Document)
  }, [arn])
  if (text.error) return <Failure error={text.error} what="the policy" />
  if (text.value === undefined) return null
  return <Lines text={text.value} line={line} label={`Line ${line} of the policy`} />
}
