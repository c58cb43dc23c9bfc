import Box from '@cloudscape-design/components/box'
import Button, { type ButtonProps } from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

/** Press is a button that submits no form: the editor may be part of one. */
export function Press(props: ButtonProps) {
  return <Button {...props} formAction="none" />
}

/** Draft is a small form in its place: nothing is in the policy before it is taken over. */
export function Draft(props: { title: string; submit: string; ready: boolean; done: () => void; close: () => void; children: ReactNode }) {
  return (
    <div
      className="policy-draft"
      role="group"
      aria-label={props.title}
      onKeyDown={e => {
        if (e.key !== 'Escape') return
        // The dialog that the editor may be in stays.
        e.stopPropagation()
        props.close()
      }}
    >
      <SpaceBetween size="s">
        <Box variant="h4">{props.title}</Box>
        {props.children}
        <SpaceBetween direction="horizontal" size="xs">
          <Press variant="normal" disabled={!props.ready} onClick={props.done}>
            {props.submit}
          </Press>
          <Press variant="link" onClick={props.close}>
            Cancel
          </Press>
        </SpaceBetween>
      </SpaceBetween>
    </div>
  )
}

/** Part is a group of controls under one heading; a FormField would give each of them its label. */
export function Part(props: { label: string; optional?: boolean; description?: string; side?: ReactNode; children: ReactNode }) {
  return (
    <div role="group" aria-label={props.label}>
      <SpaceBetween size="xxs">
        <Box variant="awsui-key-label">
          {props.label}
          {props.optional && <i> – optional</i>}
        </Box>
        {props.description && (
          <Box color="text-body-secondary" fontSize="body-s">
            {props.description}
          </Box>
        )}
        {props.children}
        {props.side}
      </SpaceBetween>
    </div>
  )
}
