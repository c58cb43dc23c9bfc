import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { Copy } from '../../shell/Copy'
import { CsvButton } from './csv'

/** Part of a credential as it is given to who will use it. */
export interface Part {
  label: string
  value: string
  secret?: boolean
}

/** OnceOnly shows a new credential, whose secret is never shown again. */
export function OnceOnly({ title, file, parts, close }: { title: string; file: string; parts: Part[]; close: () => void }) {
  return (
    <Modal
      visible
      onDismiss={close}
      header={title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <CsvButton name={file} rows={[parts.map(p => p.label), parts.map(p => p.value)]} />
            <Button variant="primary" onClick={close}>
              Done
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Parts parts={parts} />
    </Modal>
  )
}

/** Parts are those of a credential that is shown this once. */
export function Parts({ parts }: { parts: Part[] }) {
  return (
    <SpaceBetween size="m">
      <Alert type="warning">The secret is shown this once. Keep it where secrets are kept.</Alert>
      <KeyValuePairs items={parts.map(p => ({ label: p.label, value: p.secret ? <Secret text={p.value} /> : <Copy text={p.value} /> }))} />
    </SpaceBetween>
  )
}

/** Secret is hidden until it is asked for, and can be copied unseen. */
export function Secret({ text }: { text: string }) {
  const [shown, setShown] = useState(false)
  return (
    <SpaceBetween size="xs" direction="horizontal" alignItems="center">
      <CopyToClipboard variant="icon" textToCopy={text} copyButtonAriaLabel="Copy the secret" copySuccessText="Copied" copyErrorText="Could not copy" />
      <Box variant="code">{shown ? text : '•'.repeat(12)}</Box>
      <Button variant="inline-link" onClick={() => setShown(!shown)}>
        {shown ? 'Hide' : 'Show'}
      </Button>
    </SpaceBetween>
  )
}
