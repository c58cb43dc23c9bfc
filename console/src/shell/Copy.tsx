import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'

/** Copy shows a value that people paste elsewhere. */
export function Copy({ text }: { text: string | undefined }) {
  if (!text) return <>–</>
  return <CopyToClipboard variant="inline" textToCopy={text} copyButtonAriaLabel={`Copy ${text}`} copySuccessText="Copied" copyErrorText="Could not copy" />
}
