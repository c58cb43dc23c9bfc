import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import Box from '@cloudscape-design/components/box'
import { call, moment, pages } from '../../api/client'
import { useLoad } from '../../api/load'
import { Ask } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { KeyPanel } from './KeyPanel'

/** SSHKeys are the public keys that a user proves who they are with to git services. */
export function SSHKeys({ name }: { name: string }) {
  const tell = useTell()
  const [adding, setAdding] = useState(false)
  const [shown, setShown] = useState<string>()
  const [body, setBody] = useState('')
  const keys = useLoad(() => pages(Marker => call('iam', 'ListSSHPublicKeys', { UserName: name, Marker }), o => o.SSHPublicKeys), [name])
  return (
    <>
      <KeyPanel
        title="SSH public keys"
        one="SSH public key"
        many="SSH public keys"
        description="A user can have five."
        loaded={keys}
        id={k => k.SSHPublicKeyId}
        columns={[
          { header: 'SSH key ID', cell: k => <Button variant="inline-link" onClick={() => setShown(k.SSHPublicKeyId)}>{k.SSHPublicKeyId}</Button>, minWidth: 220 },
          { header: 'Uploaded', cell: k => date(moment(k.UploadDate)), minWidth: 160 },
        ]}
        set={(SSHPublicKeyId, Status) => call('iam', 'UpdateSSHPublicKey', { UserName: name, SSHPublicKeyId, Status })}
        remove={SSHPublicKeyId => call('iam', 'DeleteSSHPublicKey', { UserName: name, SSHPublicKeyId })}
        actions={() => <Button onClick={() => setAdding(true)}>Upload SSH public key</Button>}
      />
      {adding && (
        <Ask
          title="Upload SSH public key"
          submit="Upload"
          ready={body.trim() !== ''}
          close={() => setAdding(false)}
          act={async () => {
            const out = await call('iam', 'UploadSSHPublicKey', { UserName: name, SSHPublicKeyBody: body.trim() })
            tell({ type: 'success', content: `SSH public key ${out.SSHPublicKey?.SSHPublicKeyId} uploaded.` })
            setBody('')
            keys.reload()
          }}
        >
          <FormField label="SSH public key" description="What is in a file such as id_rsa.pub: it begins with ssh-rsa, or is PEM.">
            <Textarea value={body} onChange={e => setBody(e.detail.value)} rows={6} spellcheck={false} disableBrowserAutocorrect />
          </FormField>
        </Ask>
      )}
      {shown && <Show name={name} id={shown} close={() => setShown(undefined)} />}
    </>
  )
}

function Show({ name, id, close }: { name: string; id: string; close: () => void }) {
  const key = useLoad(async () => (await call('iam', 'GetSSHPublicKey', { UserName: name, SSHPublicKeyId: id, Encoding: 'SSH' })).SSHPublicKey, [name, id])
  return (
    <Modal visible size="large" header={`SSH public key ${id}`} onDismiss={close}>
      {key.error && <Failure error={key.error} what="the key" />}
      {key.value && (
        <SpaceBetween size="m">
          <Box>
            <Box variant="awsui-key-label">Fingerprint</Box>
            <Copy text={key.value.Fingerprint} />
          </Box>
          <Box>
            <Box variant="awsui-key-label">Public key</Box>
            <Copy text={key.value.SSHPublicKeyBody} />
          </Box>
        </SpaceBetween>
      )}
    </Modal>
  )
}
