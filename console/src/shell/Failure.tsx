import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { Refusal } from '../api/client'

/**
 * Failure says why something could not be shown or done: AWS's message, which names
 * the action that was denied and the layer that denied it.
 */
export function Failure({ error, what, retry }: { error: Error; what: string; retry?: () => void }) {
  const refusal = error instanceof Refusal ? error : undefined
  return (
    <Alert
      type={refusal?.denied ? 'warning' : 'error'}
      header={refusal?.denied ? `You may not see or change ${what}` : `There is a problem with ${what}`}
      action={retry && <Button onClick={retry}>Try again</Button>}
    >
      {error.message}
      {refusal && (
        <Box variant="small" display="block">
          {refusal.operation}: {refusal.code}
        </Box>
      )}
    </Alert>
  )
}
