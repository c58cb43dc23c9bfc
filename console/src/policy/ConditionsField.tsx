import Autosuggest from '@cloudscape-design/components/autosuggest'
import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { allOperators, compares, find, operators, operatorsFor, stem, typeOf, valuesFor } from './conditions'
import { operatorOf, type Condition } from './model'
import { Draft, Part, Press } from './Press'
import { useKeys } from './useCatalogue'

/** Conditions are those of a statement; all must hold. */
export function Conditions({ conditions, actions, set }: { conditions: Condition[]; actions: string[]; set: (c: Condition[]) => void }) {
  const [draft, setDraft] = useState<{ index?: number }>()
  return (
    <Part label="Conditions" optional description={conditions.length > 1 ? 'The statement holds when all of them do.' : undefined}>
      <SpaceBetween size="xs">
        {conditions.length > 0 && (
          <ul className="policy-list" aria-label="Conditions">
            {conditions.map((c, i) => (
              <li key={`${operatorOf(c)} ${c.key}`}>
                <span>
                  <Box variant="code">{c.key}</Box> <b>{operatorOf(c)}</b> <Box variant="code">{c.values.join(', ') || '(no values)'}</Box>
                </span>
                <Press variant="icon" iconName="edit" ariaLabel={`Edit condition on ${c.key}`} onClick={() => setDraft({ index: i })} />
                <Press variant="icon" iconName="remove" ariaLabel={`Remove condition on ${c.key}`} onClick={() => set(conditions.filter((_, n) => n !== i))} />
              </li>
            ))}
          </ul>
        )}
        {draft ? (
          <Form
            key={draft.index ?? -1}
            condition={draft.index === undefined ? undefined : conditions[draft.index]}
            others={conditions.filter((_, n) => n !== draft.index)}
            actions={actions}
            close={() => setDraft(undefined)}
            done={c => {
              set(draft.index === undefined ? [...conditions, c] : conditions.with(draft.index, c))
              setDraft(undefined)
            }}
          />
        ) : (
          <Press iconName="add-plus" onClick={() => setDraft({})}>
            Add condition
          </Press>
        )}
      </SpaceBetween>
    </Part>
  )
}

const qualifiers = [
  { value: '', label: 'One value', description: 'The request carries one value' },
  { value: 'ForAnyValue', label: 'For any value', description: 'One of the request’s values must match' },
  { value: 'ForAllValues', label: 'For all values', description: 'Each of the request’s values must match; also when there is none' },
]

function Form(props: { condition?: Condition; others: Condition[]; actions: string[]; done: (c: Condition) => void; close: () => void }) {
  const keys = useKeys(props.actions)
  const [key, setKey] = useState(props.condition?.key ?? '')
  const [operator, setOperator] = useState(props.condition?.operator ?? 'StringEquals')
  const [qualifier, setQualifier] = useState<Condition['qualifier']>(props.condition?.qualifier ?? '')
  const [ifExists, setIfExists] = useState(props.condition?.ifExists ?? false)
  const [values, setValues] = useState(props.condition?.values.join('\n') ?? '')
  const known = find(keys.value ?? [], key)
  const type = known && typeOf(known)
  const only = valuesFor(operator)
  const made: Condition = {
    key: key.trim(),
    operator,
    qualifier,
    ifExists: ifExists && operator !== 'Null',
    // A value that is changed is one line; one that has lines itself stays as it is.
    values: values === props.condition?.values.join('\n') ? props.condition.values : values.split('\n').map(v => v.trim()).filter(v => v !== ''),
  }
  const twice = props.others.some(o => o.key.toLowerCase() === made.key.toLowerCase() && operatorOf(o) === operatorOf(made))
  const choose = (name: string) => {
    setKey(stem(name))
    const chosen = find(keys.value ?? [], name)
    if (chosen === undefined) return
    const { type, many } = typeOf(chosen)
    if (!compares(operator, type)) setOperator(operatorsFor(type)[0] ?? 'StringEquals')
    if (many && qualifier === '') setQualifier('ForAnyValue')
    if (!many) setQualifier('')
  }
  const option = (value: string) => ({ value, label: value })
  const operatorOptions = type
    ? operatorsFor(type.type).map(option)
    : Object.entries(operators).map(([label, all]) => ({ label, options: all.map(option) }))
  const unknownOperator = !allOperators.includes(operator)
  return (
    <Draft title={props.condition ? 'Edit condition' : 'Add condition'} submit={props.condition ? 'Change' : 'Add'} ready={made.key !== '' && made.values.length > 0 && !twice} done={() => props.done(made)} close={props.close}>
      <FormField label="Condition key" stretch description={type && `${type.type}${type.many ? ', several values' : ''}`} warningText={key !== '' && keys.value && !known ? 'Requests for these actions are not known to carry this key.' : undefined}>
        <Autosuggest
          value={key}
          onChange={e => setKey(e.detail.value)}
          onSelect={e => choose(e.detail.value)}
          options={(keys.value ?? []).map(k => ({ value: k.Name, description: k.Types[0] }))}
          enteredTextLabel={v => `Use: ${v}`}
          statusType={keys.error ? 'error' : keys.value ? 'finished' : 'loading'}
          errorText={keys.error?.message}
          loadingText="Loading condition keys"
          placeholder="aws:SourceIp"
          ariaLabel="Condition key"
          empty="No keys"
          virtualScroll
        />
      </FormField>
      <div className="policy-fields">
        <FormField label="Qualifier">
          <Select
            selectedOption={qualifiers.find(q => q.value === qualifier) ?? null}
            options={qualifiers}
            onChange={e => setQualifier((e.detail.selectedOption.value ?? '') as Condition['qualifier'])}
            ariaLabel="Qualifier"
          />
        </FormField>
        <FormField label="Operator" warningText={unknownOperator ? 'This operator is unknown.' : undefined}>
          <Select
            selectedOption={option(operator)}
            options={operatorOptions}
            onChange={e => {
              const next = e.detail.selectedOption.value ?? ''
              setOperator(next)
              const fits = valuesFor(next)
              if (fits.length > 0 && !fits.includes(values)) setValues(fits[0] ?? '')
            }}
            filteringType="auto"
            filteringAriaLabel="Search operators"
            ariaLabel="Operator"
          />
        </FormField>
      </div>
      <Checkbox checked={ifExists && operator !== 'Null'} disabled={operator === 'Null'} onChange={e => setIfExists(e.detail.checked)}>
        If exists: holds also when the request has no such key
      </Checkbox>
      <FormField label="Values" constraintText={only.length > 0 ? undefined : 'One on each line; one of them must match.'} errorText={twice ? 'There is a condition with this operator and key already: add the values there.' : undefined} stretch>
        {only.length > 0 ? (
          <Select selectedOption={values === '' ? null : option(values)} options={only.map(option)} onChange={e => setValues(e.detail.selectedOption.value ?? '')} placeholder="Choose a value" ariaLabel="Value" />
        ) : (
          <Textarea value={values} onChange={e => setValues(e.detail.value)} rows={Math.min(6, Math.max(2, values.split('\n').length))} ariaLabel="Values" />
        )}
      </FormField>
    </Draft>
  )
}
