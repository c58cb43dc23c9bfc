import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMemo, useRef, useState } from 'react'
import { position } from './json'
import { add, duplicate, read, remove, write, type Statement } from './model'
import type { PolicyType } from './PolicyEditor'
import { Press } from './Press'
import { StatementCard } from './StatementCard'

/** step is how many statements are shown at first, and each time more are asked for. */
const step = 30

/** first is what a new statement of a type begins with. */
const first: Record<PolicyType, Record<string, unknown>> = {
  identity: { Effect: 'Allow', Action: [], Resource: [] },
  trust: { Effect: 'Allow', Principal: {}, Action: 'sts:AssumeRole' },
  resource: { Effect: 'Allow', Principal: {}, Action: [], Resource: [] },
  'service-control': { Effect: 'Deny', Action: [], Resource: '*' },
  'resource-control': { Effect: 'Deny', Principal: '*', Action: [], Resource: '*' },
}

/**
 * Visual edits a policy statement by statement. It shows text; each change is made to
 * the latest, which can be ahead by a keystroke.
 */
export function Visual(props: { text: string; latest: string; onChange: (text: string) => void; type: PolicyType; account: string; show: (at: { row: number; column: number }, focus: boolean) => void }) {
  const { text, type } = props
  const policy = useMemo(() => read(text), [text])
  const [open, setOpen] = useState<boolean[]>([])
  const [most, setMost] = useState(step)
  const now = useRef(props)
  now.current = props
  const all = policy.entries
  const isOpen = (i: number) => open[i] ?? all.length <= 3
  const opened = (change: (o: boolean[]) => boolean[]) => setOpen(change(all.map((_, i) => isOpen(i))))

  /** change changes the latest text, unless it no longer has what is shown. */
  const change = (f: (text: string) => string) => {
    const { latest, onChange } = now.current
    const current = latest === text ? policy : read(latest)
    if (current.problems.length > 0 || current.only !== undefined) return
    onChange(f(latest))
  }

  if (policy.problems.length > 0)
    return (
      <Alert type="info" header="The JSON is not complete">
        Line {position(text, policy.problems[0]!.offset).line + 1}: {policy.problems[0]!.message} The visual editor goes on when it can be read.
      </Alert>
    )
  if (policy.only !== undefined)
    return (
      <Alert type="info" header="This document can only be edited as JSON">
        {policy.only}
      </Alert>
    )
  return (
    <SpaceBetween size="m">
      {all.length === 0 && (
        <Box color="text-body-secondary" textAlign="center" padding="m">
          The policy has no statements: it allows and denies nothing.
        </Box>
      )}
      {all.slice(0, most).map((entry, i) => (
        <StatementCard
          key={i}
          number={i + 1}
          entry={entry}
          type={type}
          account={props.account}
          open={isOpen(i)}
          setOpen={o => opened(b => b.with(i, o))}
          show={() => {
            const at = position(text, entry.offset)
            props.show({ row: at.line, column: at.column }, true)
          }}
          set={(s: Statement) => change(t => (read(t).entries[i]?.shown === undefined ? t : write(t, i, s)))}
          duplicate={() => {
            change(t => duplicate(t, i))
            opened(b => b.toSpliced(i + 1, 0, true))
          }}
          remove={() => {
            change(t => remove(t, i))
            opened(b => b.toSpliced(i, 1))
          }}
        />
      ))}
      <SpaceBetween direction="horizontal" size="xs">
        {all.length > most && <Press onClick={() => setMost(most + step)}>{`Show ${Math.min(step, all.length - most)} more of ${all.length} statements`}</Press>}
        <Press
          iconName="add-plus"
          onClick={() => {
            change(t => add(t, first[type]))
            opened(b => [...b, true])
            setMost(m => Math.max(m, all.length + 1))
          }}
        >
          Add statement
        </Press>
      </SpaceBetween>
    </SpaceBetween>
  )
}
