import type { Ace } from 'ace-builds'
import Box from '@cloudscape-design/components/box'
import Spinner from '@cloudscape-design/components/spinner'
import { lazy, Suspense } from 'react'

/** Mark is something to be said at a place of a text. Rows and columns are from 0. */
export interface Mark {
  row: number
  column: number
  end?: { row: number; column: number }
  type: 'error' | 'warning' | 'info'
  text: string
}

export interface TextProps {
  value: string
  /** onChange is given the text after each change; without it, the text is shown only. */
  onChange?: (value: string) => void
  label: string
  /** height is in pixels. */
  height?: number
  marks?: Mark[]
  completer?: Ace.Completer
  /** show brings a place into view; each new value once. */
  show?: { row: number; column: number; focus?: boolean }
}

const Text = lazy(() => import('../policy/Text'))

/** PolicyText shows or edits a policy document as text. Its code is loaded when it is first shown. */
export function PolicyText(props: TextProps) {
  return (
    <Suspense
      fallback={
        <Box textAlign="center" padding="l">
          <Spinner /> <Box variant="span">Loading the editor</Box>
        </Box>
      }
    >
      <Text {...props} />
    </Suspense>
  )
}

/**
 * pretty is a document that was written on one line with one member on each. One that
 * has lines of its own stays as it was written, and so does what that would change.
 */
export function pretty(text: string): string {
  if (text.trim().includes('\n')) return text
  try {
    const value: unknown = JSON.parse(text)
    const compact = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
    return compact === JSON.stringify(value) ? JSON.stringify(value, null, 2) : text
  } catch {
    return text
  }
}
