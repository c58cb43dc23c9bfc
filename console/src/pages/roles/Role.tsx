import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call, moment } from '../../api/client'
import type { Role } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Boundary } from '../../entity/Boundary'
import { Effective } from '../../entity/Effective'
import { History } from '../../entity/History'
import { LastAccessed } from '../../entity/LastAccessed'
import { Permissions } from '../../entity/Permissions'
import { linked, removeLinked, removeRole } from '../../entity/remove'
import { Sessions } from '../../entity/Sessions'
import { Tags } from '../../entity/Tags'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Page } from '../../shell/Page'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { InstanceProfiles } from './InstanceProfiles'
import { Revoke } from './Revoke'
import { TrustPolicy } from './TrustPolicy'

export default function RolePage() {
  const name = useParams().name ?? ''
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'delete' | 'edit'>()
  const role = useLoad(async () => (await call('iam', 'GetRole', { RoleName: name })).Role, [name])
  const r = role.value
  if (role.error) return <Page title={name} summary={<Failure error={role.error} what={`role ${name}`} name={name} retry={role.reload} />} />
  const used = r?.RoleLastUsed?.LastUsedDate
  const fixed = linked(r?.Path ?? '')
  const boundary = r?.PermissionsBoundary?.PermissionsBoundaryArn
  return (
    <>
      <Page
        title={name}
        actions={
          <>
            <Button disabled={!r} onClick={() => navigate(`/simulator?principal=${encodeURIComponent(r?.Arn ?? '')}`)}>
              Simulate
            </Button>
            <Button disabled={!r} onClick={() => setDialog('edit')}>
              Edit
            </Button>
            <Button disabled={!r} onClick={() => setDialog('delete')}>
              Delete
            </Button>
          </>
        }
        summary={
          r && (
            <SpaceBetween size="m">
              {fixed && <Alert type="info">This is a service-linked role: its service decides on its permissions and whom it trusts, and when it can be deleted.</Alert>}
              <Container>
                <KeyValuePairs
                  columns={3}
                  items={[
                    { label: 'ARN', value: <Copy text={r.Arn} /> },
                    { label: 'Description', value: r.Description || '–' },
                    { label: 'Created', value: date(moment(r.CreateDate)) },
                    { label: 'Maximum session duration', value: hours(r.MaxSessionDuration) },
                    { label: 'Last activity', value: used ? `${date(moment(used))} in ${r.RoleLastUsed?.Region}` : 'None' },
                    { label: 'Link to switch roles in the console', value: <Copy text={switchLink(r)} /> },
                  ]}
                />
              </Container>
            </SpaceBetween>
          )
        }
        tabs={[
          {
            id: 'permissions',
            label: 'Permissions',
            content: (
              <SpaceBetween size="l">
                <Permissions kind="Role" name={name} />
                <Boundary kind="Role" name={name} arn={boundary} changed={role.reload} />
                <Effective kind="Role" name={name} boundary={boundary} />
              </SpaceBetween>
            ),
          },
          { id: 'trust', label: 'Trust relationships', content: r && <TrustPolicy role={r} fixed={fixed} done={role.reload} /> },
          { id: 'tags', label: 'Tags', content: <Tags word="Role" target={{ RoleName: name }} /> },
          { id: 'instances', label: 'Instance profiles', content: <InstanceProfiles name={name} /> },
          {
            id: 'sessions',
            label: 'Sessions',
            content: (
              <SpaceBetween size="l">
                <Revoke name={name} linked={fixed} />
                {r && <Sessions principal={r.Arn} description="Of whom signed in to this console with the role's temporary credentials." />}
              </SpaceBetween>
            ),
          },
          { id: 'accessed', label: 'Last accessed', content: r?.Arn && <LastAccessed arn={r.Arn} /> },
          { id: 'history', label: 'History', content: r?.Arn && <History entity={r.Arn} /> },
        ]}
      />
      {dialog === 'edit' && r && <Edit role={r} close={() => setDialog(undefined)} done={role.reload} />}
      {dialog === 'delete' && <Delete name={name} fixed={fixed} close={() => setDialog(undefined)} />}
    </>
  )
}

function Delete({ name, fixed, close }: { name: string; fixed: boolean; close: () => void }) {
  const navigate = useNavigate()
  const tell = useTell()
  const [task, setTask] = useState<string>()
  return (
    <Destroy
      one="role"
      names={[name]}
      act={fixed ? RoleName => removeLinked(RoleName, setTask) : removeRole}
      close={close}
      done={() => {
        tell({ type: 'success', content: `Role ${name} deleted.` })
        navigate('/roles')
      }}
    >
      {fixed ? 'The service is asked whether it still needs the role, and the role is deleted when it does not.' : 'Its sessions are refused from then on.'}
      {task && <StatusIndicator type={task === 'FAILED' ? 'error' : task === 'SUCCEEDED' ? 'success' : 'in-progress'}>Deletion task: {task.toLowerCase().replace('_', ' ')}</StatusIndicator>}
    </Destroy>
  )
}

function hours(seconds = 3600): string {
  const h = seconds / 3600
  return h === 1 ? '1 hour' : `${Number(h.toFixed(2))} hours`
}

function switchLink(r: Role): string {
  const account = r.Arn.split(':')[4] ?? ''
  return `${location.origin}/signin/switchrole?${new URLSearchParams({ account, roleName: (r.Path + r.RoleName).slice(1) })}`
}

function Edit({ role, close, done }: { role: Role; close: () => void; done: () => void }) {
  const tell = useTell()
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
        await call('iam', 'UpdateRole', {
          RoleName: role.RoleName,
          Description: description,
          // A service-linked role takes a description and no more.
          MaxSessionDuration: seconds === role.MaxSessionDuration ? undefined : seconds,
        })
        tell({ type: 'success', content: `Role ${role.RoleName} saved.` })
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
