import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { principalTypes, type Principal, type Statement } from './model'
import { Draft, Part, Press } from './Press'

const names: Record<Principal['type'], string> = { AWS: 'AWS account, user or role', Service: 'AWS service', Federated: 'Identity provider', CanonicalUser: 'Canonical user' }

interface Props {
  principals: Statement['principals']
  account: string
  /** fits says that statements of this type of policy have principals. */
  fits: boolean
  set: (principals: Statement['principals']) => void
}

/** Principals are whom a statement is about. */
export function Principals({ principals, account, fits, set }: Props) {
  const list = principals === undefined || principals === '*' ? [] : principals
  const [adding, setAdding] = useState(false)
  return (
    <Part
      label="Principals"
      description={fits ? undefined : 'Statements of identity-based policies have no principals.'}
      side={!fits && <Press onClick={() => set(undefined)}>Remove</Press>}
    >
      <SpaceBetween size="xs">
        <RadioGroup
          direction="horizontal"
          value={principals === '*' ? 'all' : 'specific'}
          onChange={e => set(e.detail.value === 'all' ? '*' : [])}
          items={[
            { value: 'specific', label: 'Specific' },
            { value: 'all', label: 'Everyone (*)' },
          ]}
          ariaLabel="Principals"
        />
        {list.length > 0 && (
          <ul className="policy-list" aria-label="Principals">
            {list.map((p, i) => (
              <li key={i}>
                <span>
                  {p.type}: <Box variant="code">{p.value}</Box>
                </span>
                <Press variant="icon" iconName="remove" ariaLabel={`Remove ${p.value}`} onClick={() => set(list.filter((_, n) => n !== i))} />
              </li>
            ))}
          </ul>
        )}
        {principals !== '*' &&
          (adding ? (
            <Add
              account={account}
              close={() => setAdding(false)}
              done={p => {
                if (!list.some(o => o.type === p.type && o.value === p.value)) set([...list, p])
                setAdding(false)
              }}
            />
          ) : (
            <Press iconName="add-plus" onClick={() => setAdding(true)}>
              Add principal
            </Press>
          ))}
      </SpaceBetween>
    </Part>
  )
}

function Add({ account, done, close }: { account: string; done: (p: Principal) => void; close: () => void }) {
  const examples: Record<Principal['type'], string> = {
    AWS: `arn:aws:iam::${account}:root`,
    Service: 'ec2.amazonaws.com',
    Federated: `arn:aws:iam::${account}:saml-provider/example`,
    CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be',
  }
  const [type, setType] = useState<Principal['type']>('AWS')
  const [value, setValue] = useState('')
  const options = principalTypes.map(t => ({ value: t, label: names[t] }))
  return (
    <Draft title="Add principal" submit="Add" ready={value.trim() !== ''} done={() => done({ type, value: value.trim() })} close={close}>
      <FormField label="Type">
        <Select selectedOption={options.find(o => o.value === type)!} options={options} onChange={e => setType(e.detail.selectedOption.value as Principal['type'])} ariaLabel="Type" />
      </FormField>
      <FormField label="Principal" stretch>
        <Input value={value} onChange={e => setValue(e.detail.value)} placeholder={examples[type]} ariaLabel="Principal" />
      </FormField>
    </Draft>
  )
}
