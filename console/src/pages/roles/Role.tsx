import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call, document, moment } from '../../api/client'
import type { Role } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Boundary, Permissions } from '../../entity/Permissions'
import { PolicyText, pretty } from '../../entity/PolicyText'
import { History } from '../../entity/History'
import { removeRole } from '../../entity/remove'
import { Tags } from '../../entity/Tags'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Page } from '../../shell/Page'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { revocation } from './trust'

export default function RolePage() {
  const name = useParams().name ?? ''
  const navigate = useNavigate()
  const tell = useTell()
  const [dialog, setDialog] = useState<'delete' | 'edit'>()
  const role = useLoad(async () => (await call('iam', 'GetRole', { RoleName: name })).Role, [name])
  const r = role.value
  if (role.error) return <Failure error={role.error} what={`role ${name}`} retry={role.reload} />
  const used = r?.RoleLastUsed?.LastUsedDate
  return (
    <>
      <Page
        title={name}
        actions={
          <>
            <Button disabled={!r} onClick={() => setDialog('edit')}>
              Edit
            </Button>
            <Button onClick={() => setDialog('delete')}>Delete</Button>
          </>
        }
        summary={
          r && (
            <Container>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: 'ARN', value: <Copy text={r.Arn} /> },
                  { label: 'Description', value: r.Description || '–' },
                  { label: 'Created', value: date(moment(r.CreateDate)) },
                  { label: 'Maximum session duration', value: `${(r.MaxSessionDuration ?? 3600) / 3600} h` },
                  { label: 'Last activity', value: used ? `${date(moment(used))} in ${r.RoleLastUsed?.Region}` : 'None' },
                  { label: 'Link to switch roles in the console', value: <Copy text={switchLink(r)} /> },
                ]}
              />
            </Container>
          )
        }
        tabs={[
          {
            id: 'permissions',
            label: 'Permissions',
            content: (
              <SpaceBetween size="l">
                <Permissions kind="Role" name={name} />
                <Boundary kind="Role" name={name} arn={r?.PermissionsBoundary?.PermissionsBoundaryArn} changed={role.reload} />
              </SpaceBetween>
            ),
          },
          { id: 'trust', label: 'Trust relationships', content: r && <TrustPolicy role={r} done={role.reload} /> },
          { id: 'tags', label: 'Tags', content: <Tags word="Role" target={{ RoleName: name }} /> },
          { id: 'sessions', label: 'Revoke sessions', content: <Revoke name={name} /> },
          { id: 'history', label: 'History', content: r?.Arn && <History entity={r.Arn} /> },
        ]}
      />
      {dialog === 'edit' && r && <Edit role={r} close={() => setDialog(undefined)} done={role.reload} />}
      {dialog === 'delete' && (
        <Destroy
          one="role"
          names={[name]}
          act={removeRole}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: `Role ${name} deleted.` })
            navigate('/roles')
          }}
        >
          Its sessions are refused from then on.
        </Destroy>
      )}
    </>
  )
}

function switchLink(r: Role): string {
  const account = r.Arn.split(':')[4] ?? ''
  return `${location.origin}/signin/switchrole?${new URLSearchParams({ account, roleName: (r.Path + r.RoleName).slice(1) })}`
}

function TrustPolicy({ role, done }: { role: Role; done: () => void }) {
  const tell = useTell()
  const before = pretty(document(role.AssumeRolePolicyDocument))
  const [text, setText] = useState<string>()
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  async function save() {
    setBusy(true)
    setError(undefined)
    try {
      await call('iam', 'UpdateAssumeRolePolicy', { RoleName: role.RoleName, PolicyDocument: text ?? '' })
      tell({ type: 'success', content: 'Trust policy updated.' })
      setText(undefined)
      done()
    } catch (e) {
      setError(e as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Whom it names may take on the role, where its conditions hold."
          actions={
            text === undefined ? (
              <Button onClick={() => setText(before)}>Edit trust policy</Button>
            ) : (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setText(undefined)}>
                  Cancel
                </Button>
                <Button variant="primary" loading={busy} onClick={save}>
                  Update policy
                </Button>
              </SpaceBetween>
            )
          }
        >
          Trusted entities
        </Header>
      }
    >
      <SpaceBetween size="m">
        {error && <Failure error={error} what="the trust policy" />}
        <PolicyText label="Trust policy" value={text ?? before} onChange={text === undefined ? undefined : setText} />
      </SpaceBetween>
    </Container>
  )
}

function Revoke({ name }: { name: string }) {
  const tell = useTell()
  const [asking, setAsking] = useState(false)
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button onClick={() => setAsking(true)}>Revoke active sessions</Button>}>
          Revoke all active sessions
        </Header>
      }
    >
      Every session that has begun by now is denied everything, by an inline policy named AWSRevokeOlderSessions. Whom the role trusts can take it on anew.
      {asking && (
        <Destroy
          one="sessions of role"
          names={[name]}
          verb="Revoke"
          act={() =>
            call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: revocation(new Date()) })
          }
          close={() => setAsking(false)}
          done={() => tell({ type: 'success', content: 'Active sessions are revoked.' })}
        >
          <Alert type="warning">Whatever works with this role now is refused at once.</Alert>
        </Destroy>
      )}
    </Container>
  )
}

function Edit({ role, close, done }: { role: Role; close: () => void; done: () => void }) {
  const [description, setDescription] = useState(role.Description ?? '')
  const [hours, setHours] = useState(String((role.MaxSessionDuration ?? 3600) / 3600))
  const seconds = Math.round(Number(hours) * 3600)
  return (
    <Ask
      title={`Edit ${role.RoleName}`}
      submit="Save"
      ready={seconds >= 3600 && seconds <= 43200}
      close={close}
      act={async () => {
        await call('iam', 'UpdateRole', { RoleName: role.RoleName, Description: description, MaxSessionDuration: seconds })
        done()
      }}
    >
      <FormField label="Description">
        <Textarea value={description} onChange={e => setDescription(e.detail.value)} />
      </FormField>
      <FormField label="Maximum session duration in hours" constraintText="From 1 to 12">
        <Input value={hours} inputMode="decimal" onChange={e => setHours(e.detail.value)} />
      </FormField>
    </Ask>
  )
}
