import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { iam, named, pageOf, policyPage, type Kind } from '../api/iam'
import { useLoad } from '../api/load'
import { PolicyEditor } from '../policy/PolicyEditor'
import { Ask, Bulk, Destroy, Names } from '../shell/Confirm'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { Panel } from '../shell/Panel'
import { useTell } from '../shell/notices'
import { ChoosePolicies } from './ChoosePolicies'
import { effective, inlineText, textOf, type Granted } from './granted'
import { pretty } from './PolicyText'

/** Permissions are the policies that grant an entity something, by source. */
export function Permissions({ kind, name }: { kind: Kind; name: string }) {
  const tell = useTell()
  const policies = useLoad(() => effective(kind, name), [kind, name])
  const [dialog, setDialog] = useState<'attach' | 'inline'>()
  const [shown, setShown] = useState<Granted>()
  const [going, setGoing] = useState<Granted[]>()
  const target = named(kind, name)
  const done = (text: string) => {
    tell({ type: 'success', content: text })
    policies.reload()
  }
  const remove = (key: string) => {
    const p = going!.find(g => keyOf(g) === key)!
    return p.arn ? iam(`Detach${kind}Policy`, { ...target, PolicyArn: p.arn }) : iam(`Delete${kind}Policy`, { ...target, PolicyName: p.name })
  }
  return (
    <>
      <Panel
        title="Permissions policies"
        what="policies"
        description="What is allowed by any of them, and denied by none, is allowed within the permissions boundary."
        loaded={policies}
        id={p => `${p.name} ${p.group ?? ''} ${p.arn ?? ''}`}
        search={p => `${p.name} ${p.group ?? ''}`}
        columns={[
          { header: 'Policy name', cell: p => (p.arn ? <Link to={policyPage(p.arn)}>{p.name}</Link> : <Button variant="inline-link" onClick={() => setShown(p)}>{p.name}</Button>) },
          { header: 'Type', cell: p => <Badge>{p.type}</Badge> },
          { header: 'Attached via', cell: p => (p.group ? <>Group <Link to={pageOf('Group', p.group)}>{p.group}</Link></> : p.arn ? 'Directly' : 'Inline') },
          { header: 'Document', cell: p => <Button variant="inline-link" ariaLabel={`${p.arn || p.group ? 'Show' : 'Edit'} ${p.name}`} onClick={() => setShown(p)}>{p.arn || p.group ? 'Show' : 'Edit'}</Button> },
        ]}
        actions={selected => (
          <>
            {selected.length > 0 && (
              <Button disabled={selected.some(p => p.group)} disabledReason="What a group grants is removed at the group, or by leaving it." onClick={() => setGoing(selected)}>
                Remove
              </Button>
            )}
            <Button onClick={() => setDialog('inline')}>Create inline policy</Button>
            <Button variant="primary" onClick={() => setDialog('attach')}>
              Attach policies
            </Button>
          </>
        )}
      />
      {dialog === 'attach' && <Attach kind={kind} name={name} has={policies.value ?? []} close={() => setDialog(undefined)} done={done} />}
      {dialog === 'inline' && <Inline kind={kind} name={name} close={() => setDialog(undefined)} done={done} />}
      {shown && !shown.arn && !shown.group && <Inline kind={kind} name={name} policy={shown.name} close={() => setShown(undefined)} done={done} />}
      {shown && (shown.arn || shown.group) && <Show kind={kind} name={name} policy={shown} close={() => setShown(undefined)} />}
      {going && <Remove of={name} policies={going} act={remove} close={() => setGoing(undefined)} done={gone => done(`${gone.map(g => g.replace(/^arn:.*\//, '')).join(', ')} removed.`)} />}
    </>
  )
}

/** keyOf tells an inline policy from a managed one of the same name. */
const keyOf = (p: Granted) => p.arn ?? p.name

/** Remove detaches policies, and asks for the name where an inline one is deleted. */
function Remove(props: { of: string; policies: Granted[]; act: (name: string) => Promise<unknown>; close: () => void; done: (gone: string[]) => void }) {
  const names = props.policies.map(keyOf)
  if (props.policies.some(p => !p.arn))
    return (
      <Destroy {...props} names={names} one="policy" many="policies" verb="Remove">
        Inline policies are deleted; managed ones are detached from {props.of}, and stay.
      </Destroy>
    )
  return (
    <Bulk {...props} names={names} one="policy" title={names.length === 1 ? `Detach ${props.policies[0]?.name}?` : `Detach ${names.length} policies?`} submit="Detach">
      What they allow is taken from {props.of} at once. The policies themselves stay.
      {names.length > 1 && <Names names={props.policies.map(p => p.name)} />}
    </Bulk>
  )
}

function Attach(props: { kind: Kind; name: string; has: Granted[]; close: () => void; done: (text: string) => void }) {
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([])
  return (
    <Bulk
      title={`Attach policies to ${props.name}`}
      submit="Attach"
      size="large"
      one="policy"
      names={chosen.map(o => o.value ?? '')}
      ready={chosen.length > 0}
      close={props.close}
      act={PolicyArn => iam(`Attach${props.kind}Policy`, { ...named(props.kind, props.name), PolicyArn })}
      done={done => props.done(done.length === 1 ? `${chosen[0]?.label} attached.` : `${done.length} policies attached.`)}
    >
      <ChoosePolicies chosen={chosen} set={setChosen} without={props.has.filter(p => !p.group).map(p => p.arn)} />
    </Bulk>
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
  const current = useLoad(async () => (props.policy ? pretty(await inlineText(props.kind, props.name, props.policy)) : empty), [props.policy])
  return (
    <Ask
      title={props.policy ? `Inline policy ${props.policy}` : 'Create inline policy'}
      submit={props.policy ? 'Save' : 'Create'}
      size="max"
      plain
      ready={name !== '' && (text ?? current.value) !== undefined}
      close={props.close}
      act={async () => {
        await iam(`Put${props.kind}Policy`, { ...target, PolicyName: name, PolicyDocument: text ?? current.value })
        props.done(`Inline policy ${name} saved.`)
      }}
    >
      {!props.policy && (
        <FormField label="Policy name" constraintText="Up to 128 letters, digits and + = , . @ _ -">
          <Input value={name} onChange={e => setName(e.detail.value)} />
        </FormField>
      )}
      {current.error && <Failure error={current.error} what="the policy" retry={current.reload} />}
      {current.value !== undefined && <PolicyEditor type="identity" label="Policy document" value={text ?? current.value} onChange={setText} />}
    </Ask>
  )
}

function Show(props: { kind: Kind; name: string; policy: Granted; close: () => void }) {
  const text = useLoad(async () => pretty(await textOf(props.kind, props.name, props.policy)), [props.policy])
  return (
    <Modal visible size="max" header={props.policy.group ? `${props.policy.name} of group ${props.policy.group}` : props.policy.name} onDismiss={props.close}>
      {text.error && <Failure error={text.error} what="the policy" retry={text.reload} />}
      {text.value !== undefined && <PolicyEditor type="identity" label="Policy document" value={text.value} />}
    </Modal>
  )
}
