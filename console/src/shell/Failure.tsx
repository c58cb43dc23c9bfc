import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { lazy, Suspense, useState } from 'react'
import { Refusal } from '../api/client'
import { Link } from './Link'

const Refused = lazy(() => import('../decision/Refused'))

/**
 * Failure says why something could not be shown or done: AWS's message, which names
 * the action that was denied and the layer that denied it, and on demand what would
 * have allowed it. Of an entity with a name that is not there, activity may tell more.
 */
export function Failure({ error, what, name, retry }: { error: Error; what: string; name?: string; retry?: () => void }) {
  const [why, setWhy] = useState(false)
  const refusal = error instanceof Refusal ? error : undefined
  return (
    <Alert
      type={refusal?.denied ? 'warning' : 'error'}
      header={refusal?.denied ? `You may not see or change ${what}` : `There is a problem with ${what}`}
      action={retry && <Button onClick={retry}>Try again</Button>}
      statusIconAriaLabel={refusal?.denied ? 'Denied' : 'Error'}
    >
      {error.message}
      {refusal && (
        <Box variant="small" display="block">
          {refusal.operation}: {refusal.code}
        </Box>
      )}
      {refusal?.missing && name && (
        <Box>
          It may have been deleted or renamed: <Link to={'/activity?ResourceName=' + encodeURIComponent(name)}>activity about {name}</Link>
        </Box>
      )}
      {refusal?.denied && !why && (
        <Button variant="inline-link" onClick={() => setWhy(true)}>
          Why, and what would have allowed it?
        </Button>
      )}
      {refusal && why && (
        <Suspense fallback={null}>
          <Refused refusal={refusal} />
        </Suspense>
      )}
    </Alert>
  )
}
