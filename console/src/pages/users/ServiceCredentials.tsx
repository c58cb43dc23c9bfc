import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { call, moment } from '../../api/client'
import type { ServiceSpecificCredential, ServiceSpecificCredentialMetadata } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Ask, Destroy } from '../../shell/Confirm'
import { date } from '../../shell/time'
import { KeyPanel } from './KeyPanel'
import { OnceOnly, type Part } from './OnceOnly'

/** services have credentials of their own; those with API keys let them expire. */
const services = [
  { value: 'codecommit.amazonaws.com', label: 'AWS CodeCommit', description: 'User name and password for git over HTTPS' },
  { value: 'cassandra.amazonaws.com', label: 'Amazon Keyspaces', description: 'User name and password' },
  { value: 'bedrock.amazonaws.com', label: 'Amazon Bedrock', description: 'API key', keys: true },
  { value: 'logs.amazonaws.com', label: 'Amazon CloudWatch Logs', description: 'API key', keys: true },
]

/** parts of a credential: an API key, or a user name and a password. */
function parts(c: ServiceSpecificCredential): Part[] {
  if (c.ServiceCredentialSecret) return [{ label: 'API key name', value: c.ServiceCredentialAlias ?? '' }, { label: 'API key', value: c.ServiceCredentialSecret, secret: true }]
  return [{ label: 'User name', value: c.ServiceUserName ?? '' }, { label: 'Password', value: c.ServicePassword ?? '', secret: true }]
}

/** ServiceCredentials are those that a user has for one service alone. */
export function ServiceCredentials({ name }: { name: string }) {
  const [adding, setAdding] = useState(false)
  const [service, setService] = useState(services[0]!)
  const [days, setDays] = useState('')
  const [made, setMade] = useState<ServiceSpecificCredential>()
  const [resetting, setResetting] = useState<string>()
  const credentials = useLoad(async () => (await call('iam', 'ListServiceSpecificCredentials', { UserName: name })).ServiceSpecificCredentials ?? [], [name])
  return (
    <>
      <KeyPanel<ServiceSpecificCredentialMetadata>
        title="Service-specific credentials"
        one="credential"
        many="service-specific credentials"
        description="For services that take no access keys. A user can have two for each."
        loaded={credentials}
        id={c => c.ServiceSpecificCredentialId}
        columns={[
          { header: 'User or key name', cell: c => c.ServiceUserName || c.ServiceCredentialAlias, minWidth: 200 },
          { header: 'Service', cell: c => services.find(s => s.value === c.ServiceName)?.label ?? c.ServiceName, minWidth: 150 },
          { header: 'Created', cell: c => date(moment(c.CreateDate)), minWidth: 160 },
          { header: 'Expires', cell: c => date(moment(c.ExpirationDate)) || 'Never', minWidth: 120 },
        ]}
        set={(ServiceSpecificCredentialId, Status) => call('iam', 'UpdateServiceSpecificCredential', { UserName: name, ServiceSpecificCredentialId, Status })}
        remove={ServiceSpecificCredentialId => call('iam', 'DeleteServiceSpecificCredential', { UserName: name, ServiceSpecificCredentialId })}
        actions={selected => (
          <>
            {selected.length === 1 && <Button onClick={() => setResetting(selected[0]?.ServiceSpecificCredentialId)}>Reset password</Button>}
            <Button onClick={() => setAdding(true)}>Generate credentials</Button>
          </>
        )}
      />
      {adding && (
        <Ask
          title="Generate credentials"
          submit="Generate"
          ready={days === '' || (Number(days) >= 1 && Number(days) <= 36600)}
          close={() => setAdding(false)}
          act={async () => {
            const CredentialAgeDays = service.keys && days !== '' ? Number(days) : undefined
            setMade((await call('iam', 'CreateServiceSpecificCredential', { UserName: name, ServiceName: service.value, CredentialAgeDays })).ServiceSpecificCredential)
            credentials.reload()
          }}
        >
          <FormField label="Service">
            <Select selectedOption={service} options={services} onChange={e => setService(services.find(s => s.value === e.detail.selectedOption.value)!)} ariaLabel="Service" />
          </FormField>
          {service.keys && (
            <FormField label="Expires after days – optional" constraintText="From 1 to 36600; empty for never">
              <Input type="number" value={days} onChange={e => setDays(e.detail.value)} />
            </FormField>
          )}
        </Ask>
      )}
      {resetting && (
        <Destroy
          one="password of"
          verb="Reset"
          names={[resetting]}
          act={async ServiceSpecificCredentialId => setMade((await call('iam', 'ResetServiceSpecificCredential', { UserName: name, ServiceSpecificCredentialId })).ServiceSpecificCredential)}
          close={() => setResetting(undefined)}
          done={credentials.reload}
        >
          What uses the password of now fails at once. The new one is shown once.
        </Destroy>
      )}
      {made && <OnceOnly title="Credentials" file={`${name}_${made.ServiceName.split('.')[0]}_credentials.csv`} parts={parts(made)} close={() => setMade(undefined)} />}
    </>
  )
}
