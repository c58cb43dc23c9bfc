import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { call, moment, pages } from '../../api/client'
import type { SigningCertificate } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Ask } from '../../shell/Confirm'
import { save } from '../../shell/save'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { KeyPanel } from './KeyPanel'

/** Certificates are the X.509 certificates that a user signs requests of old services with. */
export function Certificates({ name }: { name: string }) {
  const tell = useTell()
  const [adding, setAdding] = useState(false)
  const [body, setBody] = useState('')
  const certificates = useLoad(() => pages(Marker => call('iam', 'ListSigningCertificates', { UserName: name, Marker }), o => o.Certificates), [name])
  return (
    <>
      <KeyPanel<SigningCertificate>
        title="X.509 signing certificates"
        one="certificate"
        many="certificates"
        description="A user can have two."
        loaded={certificates}
        id={c => c.CertificateId}
        columns={[
          { header: 'Certificate ID', cell: c => c.CertificateId, minWidth: 220 },
          { header: 'Uploaded', cell: c => date(moment(c.UploadDate)), minWidth: 160 },
        ]}
        set={(CertificateId, Status) => call('iam', 'UpdateSigningCertificate', { UserName: name, CertificateId, Status })}
        remove={CertificateId => call('iam', 'DeleteSigningCertificate', { UserName: name, CertificateId })}
        actions={selected => (
          <>
            {selected.length === 1 && (
              <Button iconName="download" onClick={() => save(`${selected[0]!.CertificateId}.pem`, selected[0]!.CertificateBody, 'application/x-pem-file')}>
                Download
              </Button>
            )}
            <Button onClick={() => setAdding(true)}>Upload certificate</Button>
          </>
        )}
      />
      {adding && (
        <Ask
          title="Upload certificate"
          submit="Upload"
          ready={body.includes('BEGIN CERTIFICATE')}
          close={() => setAdding(false)}
          act={async () => {
            const out = await call('iam', 'UploadSigningCertificate', { UserName: name, CertificateBody: body.trim() })
            tell({ type: 'success', content: `Certificate ${out.Certificate?.CertificateId} uploaded.` })
            setBody('')
            certificates.reload()
          }}
        >
          <FormField label="Certificate" description="In PEM, without its private key.">
            <Textarea value={body} onChange={e => setBody(e.detail.value)} rows={8} spellcheck={false} disableBrowserAutocorrect placeholder="-----BEGIN CERTIFICATE-----" />
          </FormField>
        </Ask>
      )}
    </>
  )
}
