import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { call, document, moment, pages } from '../../api/client'
import { iam, managed, pageOf, type Kind } from '../../api/iam'
import type { PolicyVersion } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { History } from '../../entity/History'
import { PolicyText, pretty } from '../../entity/PolicyText'
import { removePolicy } from '../../entity/remove'
import { Tags } from '../../entity/Tags'
import { Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { Link } from '../../shell/Link'
import { Page } from '../../shell/Page'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'
import { date } from '../../shell/time'
import { Diff } from './Diff'
import { Summary } from './Summary'

export default function PolicyPage() {
  const [params] = useSearchParams()
  const arn = params.get('arn') ?? ''
  const navigate = useNavigate()
  const tell = useTell()
  const [dialog, setDialog] = useState<'delete'>()
  const policy = useLoad(async () => (await call('iam', 'GetPolicy', { PolicyArn: arn })).Policy!, [arn])
  const p = policy.value
  const text = useLoad(async () => (p?.DefaultVersionId ? textOf(arn, p.DefaultVersionId) : ''), [arn, p?.DefaultVersionId])
  if (policy.error) return <Page title={arn} summary={<Failure error={policy.error} what="the policy" name={arn} retry={policy.reload} />} />
  const aws = managed(arn)
  return (
    <>
      <Page
        title={p?.PolicyName ?? arn}
        actions={
          !aws && (
            <>
              <Button disabled={text.value === undefined} onClick={() => navigate('/policies/edit?arn=' + encodeURIComponent(arn))}>
                Edit
              </Button>
              <Button onClick={() => setDialog('delete')}>Delete</Button>
            </>
          )
        }
        summary={
          p && (
            <Container>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: 'ARN', value: <Copy text={arn} /> },
                  { label: 'Type', value: <Badge>{aws ? 'AWS managed' : 'Customer managed'}</Badge> },
                  { label: 'Description', value: p.Description || '–' },
                  { label: 'Created', value: date(moment(p.CreateDate)) },
                  { label: 'Edited', value: date(moment(p.UpdateDate)) },
                  { label: 'Default version', value: p.DefaultVersionId },
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
                {text.error && <Failure error={text.error} what="the document" retry={text.reload} />}
                {text.value && <Summary text={text.value} />}
                {text.value && (
                  <Container header={<Header variant="h2">JSON</Header>}>
                    <PolicyText label="Policy document" value={text.value} height={420} />
                  </Container>
                )}
              </SpaceBetween>
            ),
          },
          { id: 'entities', label: 'Entities attached', content: <Entities arn={arn} /> },
          { id: 'versions', label: 'Policy versions', content: <Versions arn={arn} aws={aws} changed={policy.reload} /> },
          ...(aws
            ? []
            : [
                { id: 'tags', label: 'Tags', content: <Tags word="Policy" target={{ PolicyArn: arn }} /> },
                { id: 'history', label: 'History', content: <History entity={arn} /> },
              ]),
        ]}
      />
      {dialog === 'delete' && p && (
        <Destroy
          one="policy"
          names={[p.PolicyName ?? '']}
          act={() => removePolicy(arn)}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: `Policy ${p.PolicyName} deleted.` })
            navigate('/policies')
          }}
        >
          All of its versions are deleted. A policy that is attached can't be deleted.
        </Destroy>
      )}
    </>
  )
}

async function textOf(PolicyArn: string, VersionId: string): Promise<string> {
  return pretty(document((await call('iam', 'GetPolicyVersion', { PolicyArn, VersionId })).PolicyVersion?.Document))
}

interface Entity {
  kind: Kind
  name: string
  use: 'Permissions policy' | 'Permissions boundary'
}

async function entities(PolicyArn: string): Promise<Entity[]> {
  const of = async (use: 'PermissionsPolicy' | 'PermissionsBoundary') => {
    const all: Entity[] = []
    const word = use === 'PermissionsPolicy' ? 'Permissions policy' : 'Permissions boundary'
    await pages(
      Marker => call('iam', 'ListEntitiesForPolicy', { PolicyArn, Marker, PolicyUsageFilter: use }),
      o => {
        for (const u of o.PolicyUsers ?? []) all.push({ kind: 'User', name: u.UserName ?? '', use: word })
        for (const g of o.PolicyGroups ?? []) all.push({ kind: 'Group', name: g.GroupName ?? '', use: word })
        for (const r of o.PolicyRoles ?? []) all.push({ kind: 'Role', name: r.RoleName ?? '', use: word })
        return []
      },
    )
    return all
  }
  return (await Promise.all([of('PermissionsPolicy'), of('PermissionsBoundary')])).flat()
}

function Entities({ arn }: { arn: string }) {
  const tell = useTell()
  const loaded = useLoad(() => entities(arn), [arn])
  return (
    <Panel
      title="Entities attached"
      what="entities"
      loaded={loaded}
      id={e => `${e.kind} ${e.name} ${e.use}`}
      columns={[
        { header: 'Name', cell: e => <Link to={pageOf(e.kind, e.name)}>{e.name}</Link> },
        { header: 'Kind', cell: e => e.kind },
        { header: 'Used as', cell: e => e.use },
      ]}
      actions={selected => (
        <Button
          disabled={selected.length === 0 || selected.some(e => e.use === 'Permissions boundary')}
          onClick={async () => {
            for (const e of selected)
              await iam(`Detach${e.kind}Policy`, { [e.kind + 'Name']: e.name, PolicyArn: arn }).catch((error: Error) =>
                tell({ type: 'error', header: `Not detached from ${e.name}`, content: error.message }),
              )
            loaded.reload()
          }}
        >
          Detach
        </Button>
      )}
    />
  )
}

function Versions({ arn, aws, changed }: { arn: string; aws: boolean; changed: () => void }) {
  const tell = useTell()
  const [shown, setShown] = useState<PolicyVersion[]>()
  const versions = useLoad(() => pages(Marker => call('iam', 'ListPolicyVersions', { PolicyArn: arn, Marker }), o => o.Versions), [arn])
  const act = async (what: string, step: Promise<unknown>) => {
    await step.then(
      () => tell({ type: 'success', content: `${what}.` }),
      (e: Error) => tell({ type: 'error', header: `Failed: ${what}`, content: e.message }),
    )
    versions.reload()
    changed()
  }
  return (
    <>
      <Panel
        title="Policy versions"
        what="versions"
        description="The default version is in force. Five are kept; select two to see what is different."
        loaded={versions}
        id={v => v.VersionId ?? ''}
        columns={[
          { header: 'Version', cell: v => <Button variant="inline-link" onClick={() => setShown([v])}>{v.VersionId}</Button> },
          { header: 'Default', cell: v => (v.IsDefaultVersion ? <Badge color="green">Default</Badge> : '') },
          { header: 'Created', cell: v => date(moment(v.CreateDate)) },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length !== 2} onClick={() => setShown(selected)}>
              Compare
            </Button>
            {!aws && (
              <>
                <Button
                  disabled={selected.length !== 1 || selected[0]?.IsDefaultVersion}
                  onClick={() => act(`${selected[0]?.VersionId} deleted`, call('iam', 'DeletePolicyVersion', { PolicyArn: arn, VersionId: selected[0]?.VersionId ?? '' }))}
                >
                  Delete
                </Button>
                <Button
                  disabled={selected.length !== 1 || selected[0]?.IsDefaultVersion}
                  onClick={() => act(`${selected[0]?.VersionId} is the default version`, call('iam', 'SetDefaultPolicyVersion', { PolicyArn: arn, VersionId: selected[0]?.VersionId ?? '' }))}
                >
                  Set as default
                </Button>
              </>
            )}
          </>
        )}
      />
      {shown && <ShowVersions arn={arn} versions={shown} close={() => setShown(undefined)} />}
    </>
  )
}

function ShowVersions({ arn, versions, close }: { arn: string; versions: PolicyVersion[]; close: () => void }) {
  const ids = versions.map(v => v.VersionId ?? '').sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
  const texts = useLoad(() => Promise.all(ids.map(id => textOf(arn, id))), [arn, ids.join()])
  return (
    <Modal visible size="large" header={ids.length === 2 ? `From ${ids[0]} to ${ids[1]}` : `Version ${ids[0]}`} onDismiss={close}>
      {texts.error && <Failure error={texts.error} what="the versions" />}
      {texts.value?.length === 1 && <PolicyText label="Policy document" value={texts.value[0] ?? ''} />}
      {texts.value?.length === 2 && <Diff before={texts.value[0] ?? ''} after={texts.value[1] ?? ''} />}
    </Modal>
  )
}
