import Autosuggest from '@cloudscape-design/components/autosuggest'
import FormField from '@cloudscape-design/components/form-field'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TokenGroup from '@cloudscape-design/components/token-group'
import { useEffect, useState } from 'react'
import { catalogue, levelOf } from '../../policy/catalogue'

interface Option {
  value: string
  description: string
}

/** proposals are services, and once one is named its actions. */
async function proposals(typed: string): Promise<Option[]> {
  const colon = typed.indexOf(':')
  if (colon < 0) return (await catalogue.services()).map(s => ({ value: s.service + ':', description: s.title }))
  const service = await catalogue.service(typed.slice(0, colon))
  return (service?.Actions ?? []).map(a => ({ value: `${service!.Name}:${a.Name}`, description: levelOf(a) }))
}

/** ActionNames are the actions that are asked about, with those of the catalogue to choose from. */
export function ActionNames({ actions, set }: { actions: string[]; set: (actions: string[]) => void }) {
  const [typed, setTyped] = useState('')
  const [options, setOptions] = useState<Option[]>([])
  const [error, setError] = useState<Error>()
  const service = typed.split(':').length > 1 ? typed.slice(0, typed.indexOf(':') + 1) : ''
  useEffect(() => {
    let current = true
    proposals(service).then(o => current && setOptions(o), (e: Error) => current && setError(e))
    return () => {
      current = false
    }
  }, [service])
  const add = (text: string) => {
    const all = text.split(/[\s,]+/).filter(a => /.:./.test(a) && !actions.includes(a))
    if (all.length === 0) return
    set([...actions, ...all])
    setTyped('')
  }
  return (
    <FormField label="Actions" description="Such as s3:GetObject; several can be pasted.">
      <SpaceBetween size="xs">
        <Autosuggest
          value={typed}
          onChange={e => setTyped(e.detail.value)}
          onSelect={e => (e.detail.value.endsWith(':') ? setTyped(e.detail.value) : add(e.detail.value))}
          onBlur={() => add(typed)}
          onKeyDown={e => e.detail.key === 'Enter' && add(typed)}
          options={options}
          enteredTextLabel={v => `Use: ${v}`}
          statusType={error ? 'error' : 'finished'}
          errorText={error?.message}
          virtualScroll
          placeholder="s3:GetObject"
          ariaLabel="Actions"
          empty="No actions"
        />
        <TokenGroup items={actions.map(a => ({ label: a, dismissLabel: `Remove ${a}` }))} onDismiss={e => set(actions.filter((_, i) => i !== e.detail.itemIndex))} />
      </SpaceBetween>
    </FormField>
  )
}
