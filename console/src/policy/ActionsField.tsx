import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TokenGroup from '@cloudscape-design/components/token-group'
import { useMemo, useState } from 'react'
import { groups, type Group } from './actions'
import { Part, Press } from './Press'
import { ServiceActions } from './ServiceActions'
import { useKnown, useServices, type Asked } from './useCatalogue'
import type { Listed } from './catalogue'

interface Props {
  actions: string[]
  not: boolean
  /** trust policies are about STS alone. */
  trust: boolean
  set: (actions: string[], not: boolean) => void
}

/** Actions are a statement's, service by service. */
export function Actions({ actions, not, trust, set }: Props) {
  const services = useServices()
  // A service is chosen before one of its actions is.
  const [chosen, setChosen] = useState<string[]>(trust ? ['sts'] : [])
  const known = useKnown([...actions, ...chosen.map(c => `${c}:`)])
  const [open, setOpen] = useState<Record<string, boolean>>({})
  const all = useMemo(() => {
    const there = groups(actions)
    const none = (service: string): Group => ({ service, all: false, patterns: [], names: new Set(), entries: [] })
    return [...there, ...chosen.filter(c => !there.some(g => g.service === c)).map(none)]
  }, [actions, chosen])
  const put = (next: string[]) => set(next, not)
  const title = (service: string) => services.value?.find(s => s.service === service)?.title ?? service
  return (
    <Part
      label="Actions"
      description={not ? 'The statement is about every action but those that are chosen here.' : undefined}
      side={
        <Checkbox checked={not} onChange={e => set(actions, e.detail.checked)}>
          All but these (NotAction)
        </Checkbox>
      }
    >
      <SpaceBetween size="xs">
        {(services.error ?? known.error) && <Alert type="warning">{(services.error ?? known.error)?.message}</Alert>}
        {all.map(group =>
          group.service === '*' || group.service === '' ? (
            <Entries key={group.service} group={group} remove={gone => put(actions.filter(a => a !== gone))} />
          ) : (
            <ServiceActions
              key={group.service}
              title={title(group.service)}
              group={group}
              service={known.value?.get(group.service)}
              actions={actions}
              unknown={services.value !== undefined && !services.value.some(s => s.service === group.service)}
              open={open[group.service] ?? (all.length === 1 || chosen.includes(group.service))}
              setOpen={o => setOpen({ ...open, [group.service]: o })}
              set={put}
              remove={() => {
                setChosen(chosen.filter(c => c !== group.service))
                put(actions.filter(a => !group.entries.includes(a)))
              }}
            />
          ),
        )}
        <AddService
          services={services}
          has={all.map(g => g.service)}
          add={service => {
            if (service === '*') put([...actions, '*'])
            else setChosen([...chosen, service])
          }}
        />
      </SpaceBetween>
    </Part>
  )
}

/** Entries are those of no one service: "*", and what names none. */
function Entries({ group, remove }: { group: Group; remove: (entry: string) => void }) {
  const entries = [...new Set(group.entries)]
  return (
    <div>
      <Box variant="awsui-key-label">{group.service === '*' ? 'All services' : 'Without a service'}</Box>
      <TokenGroup
        items={entries.map(e => ({ label: e === '*' ? 'All actions of all services (*)' : e === '' ? '(empty)' : e, dismissLabel: `Remove ${e}` }))}
        onDismiss={e => remove(entries[e.detail.itemIndex]!)}
      />
    </div>
  )
}

function AddService({ services, has, add }: { services: Asked<Listed[]>; has: string[]; add: (service: string) => void }) {
  const options = useMemo(
    () => [
      { value: '*', label: 'All services', labelTag: '*' },
      ...(services.value ?? []).map(s => ({ value: s.service, label: s.title, labelTag: s.service })),
    ],
    [services.value],
  )
  const [all, setAll] = useState(false)
  if (has.length > 0 && !all)
    return (
      <Press iconName="add-plus" onClick={() => setAll(true)}>
        Add a service
      </Press>
    )
  return (
    <Select
      selectedOption={null}
      options={options.filter(o => !has.includes(o.value))}
      onChange={e => {
        add(e.detail.selectedOption.value ?? '')
        setAll(false)
      }}
      filteringType="auto"
      filteringPlaceholder="Search services"
      filteringAriaLabel="Search services"
      virtualScroll
      statusType={services.error ? 'error' : services.value ? 'finished' : 'loading'}
      errorText={services.error?.message}
      loadingText="Loading services"
      empty="No services"
      placeholder="Choose a service"
      ariaLabel="Add a service"
    />
  )
}
