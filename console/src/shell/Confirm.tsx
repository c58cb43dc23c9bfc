import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState, type ReactNode } from 'react'
import { Failure } from './Failure'

/**
 * Destroy asks before something is taken away for good: its name is to be typed. Of
 * several, they go one by one, and what could not go is told.
 */
export function Destroy(props: {
  one: string
  names: string[]
  verb?: string
  children?: ReactNode
  act: (name: string) => Promise<unknown>
  done: (gone: string[]) => void
  close: () => void
}) {
  const { names, one } = props
  const verb = props.verb ?? 'Delete'
  const wanted = names.length === 1 ? names[0]! : verb.toLowerCase()
  const [typed, setTyped] = useState('')
  const [gone, setGone] = useState<string[]>()
  const [failures, setFailures] = useState<[string, Error][]>([])
  const running = gone !== undefined && gone.length + failures.length < names.length

  async function run() {
    const went: string[] = []
    const failed: [string, Error][] = []
    setGone([])
    setFailures([])
    for (const name of names) {
      try {
        await props.act(name)
        went.push(name)
        setGone([...went])
      } catch (e) {
        failed.push([name, e as Error])
        setFailures([...failed])
      }
    }
    if (failed.length === 0) {
      props.done(went)
      props.close()
    }
  }

  return (
    <Modal
      visible
      onDismiss={() => {
        if (gone?.length) props.done(gone)
        props.close()
      }}
      header={`${verb} ${names.length === 1 ? `${one} ${names[0]}` : `${names.length} ${one}s`}?`}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              variant="link"
              onClick={() => {
                if (gone?.length) props.done(gone)
                props.close()
              }}
            >
              {failures.length > 0 ? 'Close' : 'Cancel'}
            </Button>
            <Button variant="primary" disabled={typed !== wanted || running} loading={running} onClick={run}>
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {props.children}
        {names.length > 1 && <Box>{names.join(', ')}</Box>}
        <FormField label={<>To confirm, type <b>{wanted}</b></>}>
          <Input value={typed} onChange={e => setTyped(e.detail.value)} autoFocus disableBrowserAutocorrect autoComplete={false} />
        </FormField>
        {gone !== undefined && names.length > 1 && (
          <ProgressBar value={(100 * (gone.length + failures.length)) / names.length} label={`${gone.length} of ${names.length}`} />
        )}
        {failures.map(([name, error]) => (
          <Failure key={name} error={error} what={`${one} ${name}`} />
        ))}
      </SpaceBetween>
    </Modal>
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
  size?: 'medium' | 'large'
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
          if (props.ready !== false && !busy) void run()
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
