import Box from '@cloudscape-design/components/box'
import Spinner from '@cloudscape-design/components/spinner'
import { lazy, Suspense } from 'react'

/**
 * PolicyType is what a document is for. It decides which elements the editor offers
 * and how the document is checked. A permissions boundary is of the type identity.
 */
export type PolicyType = 'identity' | 'trust' | 'resource' | 'service-control' | 'resource-control'

export interface PolicyEditorProps {
  /** value is the document's text; it may be anything, also no JSON. */
  value: string
  /** onChange is given the whole text after each change. Without it, the document is shown only. */
  onChange?: (value: string) => void
  type: PolicyType
  /** label names the document for screen readers. */
  label?: string
}

const Editor = lazy(() => import('./Editor'))

/** PolicyEditor edits a policy document, visually and as JSON. Its code is loaded when it is first shown. */
export function PolicyEditor(props: PolicyEditorProps) {
  return (
    <Suspense
      fallback={
        <Box textAlign="center" padding="l">
          <Spinner /> <Box variant="span">Loading the editor</Box>
        </Box>
      }
    >
      <Editor {...props} />
    </Suspense>
  )
}
