import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import Select from '@cloudscape-design/components/select'
import Modal from '@cloudscape-design/components/modal'
import { useState } from 'react'
import { call, document, pages } from '../api/client'
import { iam, managed, named, pageOf, policyPage, type Kind } from '../api/iam'
import type { AttachedPolicy, Policy } from '../api/iam.gen'
import { useLoad } from '../api/load'
import { Ask } from '../shell/Confirm'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { Panel } from '../shell/Panel'
import { useTell } from '../shell/notices'
import { PolicyText, pretty } from './PolicyText'

/** Granted is a policy that gives an entity permissions, and where it comes from. */
interface Granted {
  name: string
  type: 'AWS managed' | 'Customer managed' | 'Inline'
  arn?: string
  /** group is set when the user has it as a member. */
  group?: string
}

async function granted(kind: Kind, name: string, group?: string): Promise<Granted[]> {
  const target = named(kind, name)
  const [attached, inline] = await Promise.all([
    pages(Marker => iam<{ AttachedPolicies?: AttachedPolicy[]; IsTruncated?: boolean; Marker?: string }>(`ListAttached${kind}Policies`, { ...target, Marker }), out => out.AttachedPolicies),
    pages(Marker => iam<{ PolicyNames?: string[]; IsTruncated?: boolean; Marker?: string }>(`List${kind}Policies`, { ...target, Marker }), out => out.PolicyNames),
  ])
  return [
    ...attached.map(p => ({ name: p.PolicyName ?? '', arn: p.PolicyArn, type: managed(p.PolicyArn ?? '') ? ('AWS managed' as const) : ('Customer managed' as const), group })),
    ...inline.map(p => ({ name: p, type: 'Inline' as const, group })),
  ]
}

/** effective are the policies of an entity and, of a user, those of its groups. */
async function effective(kind: Kind, name: string): Promise<Granted[]> {
  const own = await granted(kind, name)
  if (kind !== 'User') return own
  const groups = await pages(Marker => call('iam', 'ListGroupsForUser', { UserName: name, Marker }), out => out.Groups)
  const more = await Promise.all(groups.map(g => granted('Group', g.GroupName, g.GroupName)))
  return [...own, ...more.flat()]
}

/** Permissions are the policies that grant an entity something, by source. */
export function Permissions({ kind, name }: { kind: Kind; name: string }) {
  const tell = useTell()
  const policies = useLoad(() => effective(kind, name), [kind, name])
  const [dialog, setDialog] = useState<'attach' | 'inline'>()
  const [shown, setShown] = useState<Granted>()
  const target = named(kind, name)
  const done = (text: string) => {
    tell({ type: 'success', content: text })
    policies.reload()
  }
  const remove = async (all: Granted[]) => {
    for (const p of all) {
      try {
        if (p.arn) await iam(`Detach${kind}Policy`, { ...target, PolicyArn: p.arn })
        else await iam(`Delete${kind}Policy`, { ...target, PolicyName: p.name })
        tell({ type: 'success', content: p.arn ? `${p.name} detached.` : `Inline policy ${p.name} deleted.` })
      } catch (e) {
        tell({ type: 'error', header: `${p.name} was not removed`, content: (e as Error).message })
      }
    }
    policies.reload()
  }
  return (
    <>
      <Panel
        title="Permissions policies"
        what="policies"
        description="What is allowed by any of them, and denied by none, is allowed within the permissions boundary."
        loaded={policies}
        id={p => `${p.name} ${p.group ?? ''}`}
        columns={[
          { header: 'Policy name', cell: p => (p.arn ? <Link to={policyPage(p.arn)}>{p.name}</Link> : <Button variant="inline-link" onClick={() => setShown(p)}>{p.name}</Button>) },
          { header: 'Type', cell: p => <Badge>{p.type}</Badge> },
          { header: 'Attached via', cell: p => (p.group ? <>Group <Link to={pageOf('Group', p.group)}>{p.group}</Link></> : p.arn ? 'Directly' : 'Inline') },
        ]}
        actions={selected => (
          <>
            <Button disabled={selected.length === 0 || selected.some(p => p.group)} onClick={() => remove(selected)}>
              Remove
            </Button>
            <Button onClick={() => setDialog('inline')}>Create inline policy</Button>
            <Button variant="primary" onClick={() => setDialog('attach')}>
              Attach policies
            </Button>
          </>
        )}
      />
      {dialog === 'attach' && <Attach kind={kind} name={name} has={policies.value ?? []} close={() => setDialog(undefined)} done={done} />}
      {dialog === 'inline' && <Inline kind={kind} name={name} close={() => setDialog(undefined)} done={done} />}
      {shown && (shown.group
        ? <ShowInline kind="Group" name={shown.group} policy={shown.name} close={() => setShown(undefined)} />
        : <Inline kind={kind} name={name} policy={shown.name} close={() => setShown(undefined)} done={done} />)}
    </>
  )
}

/** usePolicies are all managed policies that can be attached. */
export function usePolicies() {
  return useLoad<Policy[]>(() => pages(Marker => call('iam', 'ListPolicies', { Marker, MaxItems: 1000 }), out => out.Policies), [])
}

/** policyOptions are policies as a choice offers them. */
export function policyOptions(policies: Policy[] | undefined, without: (string | undefined)[] = []): MultiselectProps.Option[] {
  return (policies ?? [])
    .filter(p => !without.includes(p.Arn))
    .map(p => ({ value: p.Arn ?? '', label: p.PolicyName ?? '', description: p.Description, tags: [managed(p.Arn ?? '') ? 'AWS managed' : 'Customer managed'] }))
}

/** ChoosePolicies is the choice of policies to attach. */
export function ChoosePolicies({ chosen, set, without }: { chosen: readonly MultiselectProps.Option[]; set: (o: readonly MultiselectProps.Option[]) => void; without?: (string | undefined)[] }) {
  const policies = usePolicies()
  if (policies.error) return <Failure error={policies.error} what="policies" retry={policies.reload} />
  return (
    <FormField label="Policies">
      <Multiselect
        selectedOptions={chosen}
        onChange={e => set(e.detail.selectedOptions)}
        options={policyOptions(policies.value, without)}
        statusType={policies.loading ? 'loading' : 'finished'}
        loadingText="Loading policies"
        filteringType="auto"
        filteringPlaceholder="Search policies"
        placeholder="Choose policies"
        virtualScroll
        deselectAriaLabel={o => `Leave out ${o.label}`}
        ariaLabel="Policies"
      />
    </FormField>
  )
}

/** Chosen is the one option that is chosen. */
export interface Chosen {
  value?: string
  label?: string
}

/** ChoosePolicy is the choice of one policy. */
export function ChoosePolicy({ chosen, set, label, placeholder }: { chosen: Chosen | null; set: (o: Chosen) => void; label: string; placeholder: string }) {
  const policies = usePolicies()
  return (
    <Select
      selectedOption={chosen}
      onChange={e => set(e.detail.selectedOption)}
      options={policyOptions(policies.value)}
      statusType={policies.error ? 'error' : policies.loading ? 'loading' : 'finished'}
      errorText={policies.error?.message}
      filteringType="auto"
      virtualScroll
      placeholder={placeholder}
      ariaLabel={label}
    />
  )
}

function Attach(props: { kind: Kind; name: string; has: Granted[]; close: () => void; done: (text: string) => void }) {
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([])
  return (
    <Ask
      title={`Attach policies to ${props.name}`}
      submit="Attach"
      size="large"
      ready={chosen.length > 0}
      close={props.close}
      act={async () => {
        for (const o of chosen) await iam(`Attach${props.kind}Policy`, { ...named(props.kind, props.name), PolicyArn: o.value })
        props.done(chosen.length === 1 ? `${chosen[0]?.label} attached.` : `${chosen.length} policies attached.`)
      }}
    >
      <ChoosePolicies chosen={chosen} set={setChosen} without={props.has.filter(p => !p.group).map(p => p.arn)} />
    </Ask>
  )
}

/** empty is where a new policy begins. */
export const empty = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [],
      "Resource": []
    }
  ]
}`

function Inline(props: { kind: Kind; name: string; policy?: string; close: () => void; done: (text: string) => void }) {
  const [name, setName] = useState(props.policy ?? '')
  const [text, setText] = useState<string>()
  const target = named(props.kind, props.name)
  const current = useLoad(
    async () => (props.policy ? pretty(document((await iam<{ PolicyDocument: string }>(`Get${props.kind}Policy`, { ...target, PolicyName: props.policy })).PolicyDocument)) : empty),
    [props.policy],
  )
  return (
    <Ask
      title={props.policy ? `Inline policy ${props.policy}` : 'Create inline policy'}
      submit={props.policy ? 'Save' : 'Create'}
      size="large"
      ready={name !== '' && (text ?? current.value) !== undefined}
      close={props.close}
      act={async () => {
        await iam(`Put${props.kind}Policy`, { ...target, PolicyName: name, PolicyDocument: text ?? current.value })
        props.done(`Inline policy ${name} saved.`)
      }}
    >
      {!props.policy && (
        <FormField label="Policy name">
          <Input value={name} onChange={e => setName(e.detail.value)} />
        </FormField>
      )}
      {current.error && <Failure error={current.error} what="the policy" retry={current.reload} />}
      {current.value !== undefined && <PolicyText label="Policy document" value={text ?? current.value} onChange={setText} />}
    </Ask>
  )
}

function ShowInline(props: { kind: Kind; name: string; policy: string; close: () => void }) {
  const policy = useLoad(
    async () => pretty(document((await iam<{ PolicyDocument: string }>(`Get${props.kind}Policy`, { ...named(props.kind, props.name), PolicyName: props.policy })).PolicyDocument)),
    [props.name, props.policy],
  )
  return (
    <Modal visible size="large" header={`Inline policy ${props.policy} of ${props.name}`} onDismiss={props.close}>
      {policy.error && <Failure error={policy.error} what="the policy" />}
      {policy.value !== undefined && <PolicyText label="Policy document" value={policy.value} />}
    </Modal>
  )
}

/** Boundary is the permissions boundary of a user or role. */
export function Boundary({ kind, name, arn, changed }: { kind: 'User' | 'Role'; name: string; arn?: string; changed: () => void }) {
  const tell = useTell()
  const [editing, setEditing] = useState(false)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const target = named(kind, name)
  return (
    <>
      <Panel
        title="Permissions boundary"
        what="permissions boundary"
        description="A boundary limits what the policies above can allow; it allows nothing by itself."
        loaded={{ value: arn ? [arn] : [], loading: false, reload: () => {} }}
        id={a => a}
        columns={[{ header: 'Policy', cell: a => <Link to={policyPage(a)}>{a}</Link> }]}
        actions={() => (
          <>
            {arn && (
              <Button
                onClick={() =>
                  iam(`Delete${kind}PermissionsBoundary`, target).then(
                    () => {
                      tell({ type: 'success', content: 'Permissions boundary removed.' })
                      changed()
                    },
                    (e: Error) => tell({ type: 'error', header: 'The boundary was not removed', content: e.message }),
                  )
                }
              >
                Remove boundary
              </Button>
            )}
            <Button onClick={() => setEditing(true)}>{arn ? 'Change boundary' : 'Set boundary'}</Button>
          </>
        )}
      />
      {editing && (
        <Ask
          title="Set permissions boundary"
          submit="Set boundary"
          ready={chosen?.value !== undefined}
          close={() => setEditing(false)}
          act={async () => {
            await iam(`Put${kind}PermissionsBoundary`, { ...target, PermissionsBoundary: chosen?.value })
            tell({ type: 'success', content: 'Permissions boundary set.' })
            changed()
          }}
        >
          <FormField label="Policy">
            <ChoosePolicy chosen={chosen} set={setChosen} label="Policy" placeholder="Choose a policy" />
          </FormField>
        </Ask>
      )}
    </>
  )
}
