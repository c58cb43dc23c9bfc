import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { groups } from './actions'
import { Actions } from './ActionsField'
import { Conditions } from './ConditionsField'
import type { Entry, Statement } from './model'
import type { PolicyType } from './PolicyEditor'
import { Press } from './Press'
import { Principals } from './PrincipalsField'
import { Resources } from './ResourcesField'

interface Props {
  number: number
  entry: Entry
  type: PolicyType
  account: string
  open: boolean
  setOpen: (open: boolean) => void
  set: (s: Statement) => void
  show: () => void
  duplicate: () => void
  remove: () => void
}

/** StatementCard is one statement, in short or open to be edited. */
export function StatementCard(props: Props) {
  const { entry, number } = props
  const s = entry.shown
  const name = entry.sid ? `${number}: ${entry.sid}` : String(number)
  return (
    <ExpandableSection
      variant="container"
      headingTagOverride="h3"
      headerText={`Statement ${name}`}
      headerDescription={s ? summary(s) : 'Only editable as JSON'}
      headerActions={
        <SpaceBetween direction="horizontal" size="xxs">
          <Press variant="icon" iconName="script" ariaLabel={`Show statement ${number} in the JSON`} onClick={props.show} />
          <Press variant="icon" iconName="copy" ariaLabel={`Duplicate statement ${number}`} onClick={props.duplicate} />
          <Press variant="icon" iconName="remove" ariaLabel={`Remove statement ${number}`} onClick={props.remove} />
        </SpaceBetween>
      }
      expanded={props.open}
      onChange={e => props.setOpen(e.detail.expanded)}
    >
      {props.open && (s ? <Fields {...props} statement={s} /> : <Only why={entry.only ?? ''} show={props.show} />)}
    </ExpandableSection>
  )
}

function Only({ why, show }: { why: string; show: () => void }) {
  return (
    <Alert type="info" header="Only editable as JSON" action={<Press onClick={show}>Show</Press>}>
      {why} It stays as it is written.
    </Alert>
  )
}

/** summary is a statement in a line. */
function summary(s: Statement): string {
  const services = groups(s.actions ?? []).map(g => (g.service === '*' ? 'all services' : g.service || 'unknown'))
  const few = services.length > 4 ? [...services.slice(0, 4), `${services.length - 4} more`] : services
  const what = few.length === 0 ? 'no actions' : s.not ? `all but ${few.join(', ')}` : few.join(', ')
  return `${s.effect} · ${what}${s.conditions.length > 0 ? ' · with conditions' : ''}`
}

/** takesPrincipals are the types whose statements name whom they are about. */
const takesPrincipals: PolicyType[] = ['trust', 'resource', 'resource-control']

function Fields({ statement: s, set, type, account, number }: Props & { statement: Statement }) {
  const actions = s.actions ?? []
  return (
    <SpaceBetween size="l">
      <div className="policy-heads">
        <FormField label="Effect">
          <RadioGroup
            direction="horizontal"
            value={s.effect}
            onChange={e => set({ ...s, effect: e.detail.value as Statement['effect'] })}
            items={[
              { value: 'Allow', label: 'Allow' },
              { value: 'Deny', label: 'Deny' },
            ]}
            ariaLabel={`Effect of statement ${number}`}
          />
        </FormField>
        <FormField label={<>Statement ID <i>– optional</i></>}>
          <Input value={s.sid ?? ''} ariaLabel={`Sid of statement ${number}`} onChange={e => set({ ...s, sid: e.detail.value === '' ? undefined : e.detail.value })} />
        </FormField>
      </div>
      {(takesPrincipals.includes(type) || s.principals !== undefined) && (
        <Principals principals={s.principals} set={principals => set({ ...s, principals })} account={account} fits={takesPrincipals.includes(type)} />
      )}
      <Actions actions={actions} not={s.not} trust={type === 'trust'} set={(a, not) => set({ ...s, actions: a, not })} />
      {type === 'trust' && s.resources === undefined ? null : (
        <Resources resources={s.resources} actions={s.not ? [] : actions} account={account} set={resources => set({ ...s, resources })} />
      )}
      <Conditions conditions={s.conditions} actions={s.not ? [] : actions} set={conditions => set({ ...s, conditions })} />
      {s.resources === undefined && type !== 'trust' && (
        <Box color="text-status-warning">The statement has no Resource yet.</Box>
      )}
    </SpaceBetween>
  )
}
