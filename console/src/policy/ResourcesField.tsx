import Alert from '@cloudscape-design/components/alert'
import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMemo, useState, type ReactNode } from 'react'
import { groups, matched, resourceTypes } from './actions'
import { build, fields, fit, label, take } from './arns'
import type { Service } from './catalogue'
import { Draft, Part, Press } from './Press'
import { useKnown } from './useCatalogue'

/** Kind is a form of ARN that a statement's actions can be asked on. */
interface Kind {
  service: Service
  type: string
  template: string
  /** needed is by how many of the actions. */
  needed: number
}

/** kinds are those of the services that actions name, first the types that the actions need. */
function kinds(known: Map<string, Service> | undefined, actions: string[]): { all: Kind[]; star: string[] } {
  const all: Kind[] = []
  const star: string[] = []
  for (const group of groups(actions)) {
    const service = known?.get(group.service)
    if (service === undefined) continue
    const named = matched(service, group)
    const { star: alone } = resourceTypes(service, named)
    const needed = new Map<string, number>()
    for (const a of named) for (const r of a.Resources ?? []) needed.set(r.Name, (needed.get(r.Name) ?? 0) + 1)
    star.push(...alone.map(a => a.Name))
    for (const r of service.Resources) for (const template of r.ARNFormats) all.push({ service, type: r.Name, template, needed: needed.get(r.Name) ?? 0 })
  }
  return { all: all.sort((a, b) => b.needed - a.needed), star }
}

/** Resources are a statement's: all, or ARNs. */
export function Resources({ resources, actions, account, set }: { resources?: string[]; actions: string[]; account: string; set: (r: string[]) => void }) {
  const known = useKnown(actions)
  const { all, star } = useMemo(() => kinds(known.value, actions), [known.value, actions])
  const list = resources ?? []
  const everything = list.length === 1 && list[0] === '*'
  const [draft, setDraft] = useState<{ index?: number }>()
  // What is there fits some types.
  const covered = new Set(list.flatMap(arn => all.filter(k => take(k.template, arn) !== undefined).map(k => k.type)))
  const missing = [...new Set(all.filter(k => k.needed > 0 && !covered.has(k.type)).map(k => k.type))]
  return (
    <Part label="Resources">
      <SpaceBetween size="xs">
        <RadioGroup
          direction="horizontal"
          value={everything ? 'all' : 'specific'}
          onChange={e => {
            if (e.detail.value === 'all') set(['*'])
            else if (everything) set([])
          }}
          items={[
            { value: 'specific', label: 'Specific' },
            { value: 'all', label: 'All resources (*)' },
          ]}
          ariaLabel="Resources"
        />
        {!everything && list.length > 0 && (
          <ul className="policy-list" aria-label="ARNs">
            {list.map((arn, i) => (
              <li key={i}>
                <Box variant="code">{arn || '(empty)'}</Box>
                <Kinds arn={arn} all={all} />
                <Press variant="icon" iconName="edit" ariaLabel={`Edit ${arn}`} onClick={() => setDraft({ index: i })} />
                <Press variant="icon" iconName="remove" ariaLabel={`Remove ${arn}`} onClick={() => set(list.filter((_, n) => n !== i))} />
              </li>
            ))}
          </ul>
        )}
        {draft && (
          <Builder
            key={draft.index ?? -1}
            kinds={all}
            account={account}
            arn={draft.index === undefined ? undefined : list[draft.index]}
            missing={missing}
            close={() => setDraft(undefined)}
            done={arn => {
              set(draft.index === undefined ? [...list, arn] : list.with(draft.index, arn))
              setDraft(undefined)
            }}
          />
        )}
        {!everything && !draft && (
          <Press iconName="add-plus" onClick={() => setDraft({})}>
            Add ARN
          </Press>
        )}
        {!everything && list.length > 0 && missing.length > 0 && <Hint>The actions can also be asked on: {missing.join(', ')}.</Hint>}
        {!everything && list.length > 0 && star.length > 0 && (
          <Hint>
            {few(star)} can only be asked on all resources (*).
          </Hint>
        )}
        {known.error && <Alert type="warning">{known.error.message}</Alert>}
      </SpaceBetween>
    </Part>
  )
}

const few = (names: string[]) => (names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', '))

function Hint({ children }: { children: ReactNode }) {
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      {children}
    </Box>
  )
}

function Kinds({ arn, all }: { arn: string; all: Kind[] }) {
  for (const service of new Set(all.map(k => k.service))) {
    const found = fit(service, arn)
    if (found) return <Badge>{found.type}</Badge>
  }
  return null
}

const text = 'text'

/** Builder puts an ARN together, part by part; each part can be any. */
function Builder(props: { kinds: Kind[]; missing: string[]; account: string; arn?: string; done: (arn: string) => void; close: () => void }) {
  const options = [
    ...props.kinds.map((k, i) => ({ value: String(i), label: k.type, labelTag: k.service.Name, description: k.template })),
    { value: text, label: 'Any text', description: 'An ARN or a pattern, as it is typed or pasted' },
  ]
  const [chosen, setChosen] = useState(() => {
    const at = props.arn === undefined ? props.kinds.findIndex(k => k.needed > 0 && props.missing.includes(k.type)) : best(props.kinds, props.arn)
    return at < 0 ? text : String(at)
  })
  const kind = props.kinds[Number(chosen)]
  const [values, setValues] = useState<Record<string, string | undefined>>(() => start(kind, props.arn, props.account))
  const [typed, setTyped] = useState(props.arn ?? '')
  const arn = kind ? build(kind.template, values) : typed.trim()
  // An ARN may have empty parts, but not by oversight.
  const ready = kind && props.arn === undefined ? !Object.values(values).includes('') : arn !== ''
  return (
    <Draft title={props.arn === undefined ? 'Add ARN' : 'Edit ARN'} submit={props.arn === undefined ? 'Add' : 'Change'} ready={ready} done={() => props.done(arn)} close={props.close}>
      <FormField label="Resource type" stretch>
        <Select
          selectedOption={options.find(o => o.value === chosen) ?? null}
          options={options}
          filteringType="auto"
          filteringAriaLabel="Search resource types"
          ariaLabel="Resource type"
          onChange={e => {
            const value = e.detail.selectedOption.value ?? text
            setChosen(value)
            setTyped(arn)
            setValues(start(props.kinds[Number(value)], undefined, props.account))
          }}
        />
      </FormField>
      {kind ? (
        <div className="policy-fields">
          {fields(kind.template)
            .filter(f => f !== 'Partition')
            .map(f => (
              <FormField
                key={f}
                label={label(f)}
                secondaryControl={
                  <Checkbox checked={values[f] === undefined} onChange={e => setValues({ ...values, [f]: e.detail.checked ? undefined : '' })}>
                    Any<span className="policy-hidden"> {label(f)}</span>
                  </Checkbox>
                }
              >
                <Input value={values[f] ?? '*'} disabled={values[f] === undefined} onChange={e => setValues({ ...values, [f]: e.detail.value })} ariaLabel={label(f)} />
              </FormField>
            ))}
        </div>
      ) : (
        <FormField label="ARN" stretch>
          <Input value={typed} onChange={e => setTyped(e.detail.value)} placeholder="arn:aws:s3:::amzn-s3-demo-bucket/*" ariaLabel="ARN" />
        </FormField>
      )}
      {kind && (
        <Box>
          <Box variant="awsui-key-label">ARN</Box>
          <Box variant="code">{arn}</Box>
        </Box>
      )}
    </Draft>
  )
}

/** best is the kind an ARN is of. */
function best(all: Kind[], arn: string): number {
  for (const service of new Set(all.map(k => k.service))) {
    const found = fit(service, arn)
    if (found) return all.findIndex(k => k.service === service && k.template === found.template)
  }
  return -1
}

/** start are a form's values: those of an ARN that is edited, else this account and nothing. */
function start(kind: Kind | undefined, arn: string | undefined, account: string): Record<string, string | undefined> {
  if (kind === undefined) return {}
  const taken = arn === undefined ? undefined : take(kind.template, arn)
  return Object.fromEntries(
    fields(kind.template).map(f => {
      const value = taken ? taken[f] : f === 'Account' ? account : f === 'Region' ? undefined : f === 'Partition' ? 'aws' : ''
      return [f, value === '*' ? undefined : value]
    }),
  )
}
