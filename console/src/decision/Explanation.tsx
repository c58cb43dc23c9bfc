import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { policyPage } from '../api/iam'
import type { EvaluateResponse } from '../api/sallyport.gen'
import { Link } from '../shell/Link'
import { layerNames, policyName, type Given } from './explain'
import { Layers, Missing } from './Layers'

/** Explanation says which layer and statement decided, what is missing, and, opened, what each layer said. */
export function Explanation({ decision, given, open }: { decision: EvaluateResponse; given: Given; open: boolean }) {
  const by = decision.DecidedBy
  const explanation = decision.Explanation
  return (
    <SpaceBetween size="m">
      <Box>{decision.Decision === 'allow' ? decision.Reason.replace(/^a/, 'A') : `Denied ${decision.Reason}`.trim()}.</Box>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Decided by', value: layerNames[by.Layer] },
          ...(by.StatementIndex === undefined
            ? []
            : [
                { label: 'Policy', value: by.PolicyArn ? <Link to={policyPage(by.PolicyArn)}>{policyName(by.Layer, by)}</Link> : policyName(by.Layer, by) },
                { label: 'Statement', value: by.StatementId ?? `Number ${by.StatementIndex}` },
              ]),
        ]}
      />
      {explanation && <Missing explanation={explanation} />}
      {explanation && (
        <ExpandableSection headerText="Layer by layer" defaultExpanded={open}>
          <Layers decision={decision} explanation={explanation} given={given} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  )
}
