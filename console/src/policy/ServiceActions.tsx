import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import TokenGroup from '@cloudscape-design/components/token-group'
import { useMemo, useState } from 'react'
import { byLevel, choose, chooseAll, covers, has, type Group } from './actions'
import type { Action, Level, Service } from './catalogue'
import { Press } from './Press'

interface Props {
  title: string
  group: Group
  service?: Service
  /** unknown says that the catalogue has no such service. */
  unknown: boolean
  actions: string[]
  open: boolean
  setOpen: (open: boolean) => void
  set: (actions: string[]) => void
  remove: () => void
}

/** ServiceActions are the actions of one service: all, by access level, or one by one. */
export function ServiceActions(props: Props) {
  const { group, service, actions, set, title } = props
  const count = service === undefined ? group.entries.length : service.Actions.filter(a => has(group, a.Name)).length
  return (
    <ExpandableSection
      headerText={`${title} (${group.service})`}
      headingTagOverride="h4"
      headerDescription={group.all ? 'All actions' : `${count}${service ? ` of ${service.Actions.length}` : ''} actions`}
      headerActions={<Press variant="icon" iconName="close" ariaLabel={`Remove ${title}`} onClick={props.remove} />}
      expanded={props.open}
      onChange={e => props.setOpen(e.detail.expanded)}
    >
      {props.open && (
        <SpaceBetween size="xs">
          <Checkbox checked={group.all} onChange={e => set(chooseAll(actions, group.service, e.detail.checked))}>
            All {title} actions ({group.service}:*)
          </Checkbox>
          {props.unknown ? (
            <StatusIndicator type="warning">The catalogue has no service {group.service}.</StatusIndicator>
          ) : service === undefined ? (
            <StatusIndicator type="loading">Loading actions</StatusIndicator>
          ) : (
            !group.all && <Levels {...props} service={service} />
          )}
          <Whole {...props} />
        </SpaceBetween>
      )}
    </ExpandableSection>
  )
}

function Levels({ service, group, actions, set }: Props & { service: Service }) {
  const [filter, setFilter] = useState('')
  const [open, setOpen] = useState<Partial<Record<Level, boolean>>>({})
  const levels = useMemo(() => byLevel(service), [service])
  const wanted = filter.trim().toLowerCase()
  return (
    <SpaceBetween size="xxs">
      <Input type="search" value={filter} onChange={e => setFilter(e.detail.value)} placeholder="Find actions" ariaLabel={`Find actions of ${group.service}`} clearAriaLabel="Clear" />
      {levels.map(([level, all]) => {
        const shown = wanted === '' ? all : all.filter(a => a.Name.toLowerCase().includes(wanted))
        const on = all.filter(a => has(group, a.Name)).length
        const expanded = wanted !== '' || open[level] === true
        if (shown.length === 0) return null
        return (
          <div key={level}>
            <div className="policy-level">
              <Press
                variant="icon"
                iconName={expanded ? 'caret-down-filled' : 'caret-right-filled'}
                ariaLabel={`${level} actions one by one`}
                ariaExpanded={expanded}
                disabled={wanted !== ''}
                onClick={() => setOpen({ ...open, [level]: !expanded })}
              />
              <Checkbox checked={on === all.length} indeterminate={on > 0 && on < all.length} onChange={e => set(choose(actions, group.service, all.map(a => a.Name), e.detail.checked))}>
                {level} ({on} of {all.length})
              </Checkbox>
            </div>
            {expanded && <Single group={group} all={shown} actions={actions} set={set} level={level} />}
          </div>
        )
      })}
    </SpaceBetween>
  )
}

function Single({ group, all, actions, set, level }: { group: Group; all: Action[]; actions: string[]; set: (a: string[]) => void; level: Level }) {
  return (
    <div className="policy-actions" role="group" aria-label={`${level} actions`}>
      {all.map(a => {
        const pattern = covers(group, a.Name)
        return (
          <Checkbox
            key={a.Name}
            checked={has(group, a.Name)}
            disabled={pattern !== undefined}
            description={pattern && `By ${pattern}`}
            onChange={e => set(choose(actions, group.service, [a.Name], e.detail.checked))}
          >
            {a.Name}
          </Checkbox>
        )
      })}
    </div>
  )
}

/** Whole are the entries that no checkbox stands for: patterns, and actions that the catalogue doesn't have. */
function Whole({ group, service, actions, set }: Props) {
  const [typed, setTyped] = useState('')
  const known = new Set(service?.Actions.map(a => `${group.service}:${a.Name}`.toLowerCase()))
  const rest = [...new Set(group.entries)].filter(e => !(group.all && /:\*+$/.test(e)) && !(service !== undefined && known.has(e.toLowerCase())))
  const entry = typed.includes(':') ? typed.trim() : `${group.service}:${typed.trim()}`
  const ready = typed.trim() !== '' && !actions.includes(entry)
  const add = () => {
    if (!ready) return
    set([...actions, entry])
    setTyped('')
  }
  return (
    <SpaceBetween size="xxs">
      {rest.length > 0 && (
        <TokenGroup
          items={rest.map(e => ({ label: e, labelTag: service && !group.patterns.includes(e) ? 'not in the catalogue' : undefined, dismissLabel: `Remove ${e}` }))}
          onDismiss={e => set(actions.filter(a => a !== rest[e.detail.itemIndex]))}
        />
      )}
      <div className="policy-level">
        <Input
          value={typed}
          onChange={e => setTyped(e.detail.value)}
          onKeyDown={e => e.detail.key === 'Enter' && add()}
          placeholder="Get*"
          ariaLabel={`Name or pattern of ${group.service} actions`}
        />
        <Press disabled={!ready} onClick={add}>
          Add name or pattern
        </Press>
      </div>
      {group.entries.length === 0 && <Box color="text-body-secondary" fontSize="body-s">No actions are chosen yet.</Box>}
    </SpaceBetween>
  )
}
