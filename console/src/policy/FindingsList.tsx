import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import LiveRegion from '@cloudscape-design/components/live-region'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import { Refusal } from '../api/client'
import { counted, severityNames, type Finding, type Severity } from './findings'
import type { Checked } from './useFindings'

const icons: Record<Severity, StatusIndicatorProps.Type> = { ERROR: 'error', SECURITY_WARNING: 'warning', WARNING: 'warning', SUGGESTION: 'info' }

/** shown is how many findings are listed; the text marks all. */
const shown = 100

/** Findings lists what was found in a document; each leads to its line. */
export function Findings({ checked, go }: { checked: Checked; go: (f: Finding) => void }) {
  const { findings, state, error } = checked
  return (
    <SpaceBetween size="xs">
      <LiveRegion>
        <Box data-findings={state}>
          {state === 'checking' ? (
            <StatusIndicator type="loading">Checking the policy</StatusIndicator>
          ) : findings.length > 0 ? (
            <Box variant="span" fontWeight="bold">
              {counted(findings)}
            </Box>
          ) : (
            state === 'checked' && <StatusIndicator type="success">No findings</StatusIndicator>
          )}
        </Box>
      </LiveRegion>
      {state === 'syntax' && error && (
        <Alert type="info" header="Only the syntax is checked">
          {error instanceof Refusal && error.denied ? 'You may not have policies validated: ' : 'The policy could not be validated: '}
          {error.message}
        </Alert>
      )}
      {findings.length > 0 && (
        <ul className="findings" aria-label="Findings">
          {findings.slice(0, shown).map((f, i) => (
            <li key={i}>
              <StatusIndicator type={icons[f.severity]}>{severityNames[f.severity][0]}</StatusIndicator>{' '}
              <Button variant="inline-link" formAction="none" ariaLabel={`Line ${f.row + 1}: ${f.text}`} onClick={() => go(f)}>
                {`Line ${f.row + 1}`}
              </Button>{' '}
              <Box variant="span">{f.text}</Box>{' '}
              <Box variant="span" color="text-body-secondary" fontSize="body-s">
                {f.code}
              </Box>{' '}
              {f.link && (
                <Link href={f.link} external externalIconAriaLabel="Opens in a new tab" variant="secondary" fontSize="body-s">
                  Learn more
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
      {findings.length > shown && <Box color="text-body-secondary">And {findings.length - shown} more.</Box>}
    </SpaceBetween>
  )
}
