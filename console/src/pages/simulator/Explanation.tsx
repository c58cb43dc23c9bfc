import Box from '@cloudscape-design/components/box'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { policyPage } from '../../api/iam'
import type { EvaluateResponse } from '../../api/sallyport.gen'
import { useLoad } from '../../api/load'
import { managedText } from '../../entity/granted'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { layerNames } from './explain'
import type { Question } from './Simulator'
import { Lines } from './Lines'

/** Explanation says which layer and statement decided, and shows the statement in its policy where Layers don't. */
export function Explanation({ decision, question }: { decision: EvaluateResponse; question: Question }) {
  const by = decision.DecidedBy
  return (
    <SpaceBetween size="m">
      <Box>{decision.Reason}</Box>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Decided by', value: layerNames[by.Layer] },
          { label: 'Policy', value: by.PolicyArn ? <Link to={policyPage(by.PolicyArn)}>{by.PolicyName ?? by.PolicyArn}</Link> : by.PolicyName ?? '–' },
          { label: 'Statement', value: by.StatementId ?? (by.StatementIndex === undefined ? '–' : `Number ${by.StatementIndex}`) },
        ]}
      />
      {!decision.Explanation && by.PolicyArn && by.Line !== undefined && <Statement arn={by.PolicyArn} line={by.Line} />}
      <Box variant="small">
        {question.principal}, {question.action}, {question.resource}
      </Box>
    </SpaceBetween>
  )
}

function Statement({ arn, line }: { arn: string; line: number }) {
  const text = useLoad(() => managedText(arn), [arn])
  if (text.error) return <Failure error={text.error} what="the policy" />
  if (text.value === undefined) return null
  return <Lines text={text.value} from={line} to={line} label={`Line ${line} of the policy`} />
}
