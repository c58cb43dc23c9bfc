import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useRef, useState, type ReactNode } from 'react'
import { each, type Progress } from './each'
import { Failure } from './Failure'

interface BulkProps {
  /** title is the dialog's; submit the word on its button. */
  title: string
  submit: string
  /** one is what an item is, where one of them fails: "user". */
  one: string
  names: string[]
  children?: ReactNode
  ready?: boolean
  size?: 'medium' | 'large' | 'max'
  act: (name: string) => Promise<unknown>
  done: (done: string[]) => void
  close: () => void
}

/** shownFailures is how many failures a dialog spells out. */
const shownFailures = 5

/**
 * Bulk acts on several things and shows how far it is. What could not be done is told;
 * closing the dialog stops what has not begun.
 */
export function Bulk(props: BulkProps) {
  const { names } = props
  const [progress, setProgress] = useState<Progress>()
  const [running, setRunning] = useState(false)
  const closed = useRef(false)
  const shut = () => {
    closed.current = true
    if (progress?.done.length) props.done(progress.done)
    props.close()
  }
  async function run() {
    setRunning(true)
    setProgress({ done: [], failed: [] })
    const end = await each(names, props.act, setProgress, () => closed.current)
    setRunning(false)
    if (end.failed.length > 0 || closed.current) return
    props.done(end.done)
    props.close()
  }
  const acted = progress && progress.done.length + progress.failed.length
  return (
    <Modal
      visible
      size={props.size ?? 'medium'}
      onDismiss={shut}
      header={props.title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={shut}>
              {running ? 'Stop' : progress?.failed.length ? 'Close' : 'Cancel'}
            </Button>
            <Button variant="primary" disabled={props.ready === false || running} loading={running} onClick={run}>
              {props.submit}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={e => {
          e.preventDefault()
          if (props.ready !== false && !running) void run()
        }}
      >
        <SpaceBetween size="m">
          {props.children}
          {acted !== undefined && names.length > 1 && (
            <ProgressBar value={(100 * acted) / names.length} label={props.submit} additionalInfo={`${acted} of ${names.length}${progress?.failed.length ? `, ${progress.failed.length} failed` : ''}`} />
          )}
          {progress?.failed.slice(0, shownFailures).map(([name, error]) => <Failure key={name} error={error} what={`${props.one} ${name}`} />)}
          {progress && progress.failed.length > shownFailures && <Box>And {progress.failed.length - shownFailures} more: {progress.failed.slice(shownFailures).map(([name]) => name).join(', ')}</Box>}
        </SpaceBetween>
        <button type="submit" hidden />
      </form>
    </Modal>
  )
}

/**
 * Destroy asks before something is taken away for good: its name is to be typed, of
 * several the verb.
 */
export function Destroy(props: Pick<BulkProps, 'one' | 'names' | 'children' | 'act' | 'done' | 'close'> & { verb?: string; many?: string }) {
  const { names, one } = props
  const verb = props.verb ?? 'Delete'
  const wanted = names.length === 1 ? names[0]! : verb.toLowerCase()
  const [typed, setTyped] = useState('')
  return (
    <Bulk {...props} title={`${verb} ${names.length === 1 ? `${one} ${names[0]}` : `${names.length} ${props.many ?? `${one}s`}`}?`} submit={verb} ready={typed === wanted}>
      {props.children}
      {names.length > 1 && <Names names={names} />}
      <FormField
        label={
          <>
            To confirm, type <b>{wanted}</b>
          </>
        }
      >
        <Input value={typed} onChange={e => setTyped(e.detail.value)} autoFocus disableBrowserAutocorrect autoComplete={false} ariaLabel={`To confirm, type ${wanted}`} />
      </FormField>
    </Bulk>
  )
}

/** shownNames is how many of several names a dialog spells out. */
const shownNames = 20

/** Names are those of what a dialog acts on. */
export function Names({ names }: { names: string[] }) {
  const rest = names.length - shownNames
  return (
    <Box>
      {names.slice(0, shownNames).join(', ')}
      {rest > 0 && ` and ${rest} more`}
    </Box>
  )
}

/** stay is what the action of an Ask returns when the dialog goes on with a next step. */
export const stay = Symbol('stay')

/** Ask is a small form in a dialog: what it holds is acted on when it is submitted. */
export function Ask(props: {
  title: string
  submit: string
  children: ReactNode
  ready?: boolean
  size?: 'medium' | 'large' | 'max'
  /** plain lets Enter go to what the dialog holds, such as an editor, and not submit it. */
  plain?: boolean
  act: () => Promise<unknown>
  close: () => void
}) {
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  async function run() {
    setBusy(true)
    setError(undefined)
    try {
      if ((await props.act()) !== stay) props.close()
    } catch (e) {
      setError(e as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      visible
      size={props.size ?? 'medium'}
      header={props.title}
      onDismiss={props.close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.close}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={props.ready === false} onClick={run}>
              {props.submit}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={e => {
          e.preventDefault()
          if (!props.plain && props.ready !== false && !busy) void run()
        }}
      >
        <SpaceBetween size="m">
          {props.children}
          {error && <Failure error={error} what={props.title.toLowerCase()} />}
        </SpaceBetween>
        <button type="submit" hidden />
      </form>
    </Modal>
  )
}
