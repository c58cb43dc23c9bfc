import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { gather, named, type Known } from './entries'
import { find, lists, type Entry, type Group } from './find'
import { places } from './places'
import { useSession } from './session'

const icons: Partial<Record<Group['kind'], AutosuggestProps.Option['iconName']>> = {
  Users: 'user-profile',
  'User groups': 'group',
  Roles: 'lock-private',
  Policies: 'file',
  'Identity providers': 'share',
  'Access keys': 'key',
  'MFA devices': 'multiscreen',
  Services: 'grid-view',
  Actions: 'command-prompt',
  Records: 'calendar',
}

/** Search finds everything that the viewer may list, by name, ARN, id or path. */
export function Search() {
  const navigate = useNavigate()
  const field = useRef<AutosuggestProps.Ref>(null)
  const [text, setText] = useState('')
  const [known, setKnown] = useState<Known>({ entries: [], loading: false, closed: [], failed: [] })
  const [direct, setDirect] = useState<{ of: string; entries: Entry[] }>({ of: '', entries: [] })
  // Enter was pressed before everything was there.
  const [entered, setEntered] = useState(false)
  const { account } = useSession()
  useEffect(() => onSearchKey(() => field.current?.focus()), [])
  useEffect(() => {
    let current = true
    void named(text, account).then(entries => current && setDirect({ of: text, entries }))
    return () => {
      current = false
    }
  }, [text, account])
  const groups = useMemo(() => {
    const entries = new Map([...places, ...known.entries, ...direct.entries].map(e => [e.kind + e.to, e]))
    return find(entries.values(), text)
  }, [text, known, direct])
  const waiting = known.loading || direct.of !== text

  const go = (to: string | undefined) => {
    setText('')
    setEntered(false)
    if (to) navigate(to)
  }
  useEffect(() => {
    if (entered && !waiting) go(groups[0]?.found[0]?.to)
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [entered, waiting])
  return (
    <Autosuggest
      ref={field}
      value={text}
      onChange={e => {
        setEntered(false)
        setText(e.detail.value)
      }}
      onFocus={() => gather(setKnown)}
      // Enter without a choice opens what answers best.
      onSelect={e => (e.detail.selectedOption ? go(e.detail.value) : setEntered(text.trim() !== ''))}
      options={options(groups, text)}
      filteringType="manual"
      hideEnteredTextOption
      expandToViewport
      placeholder="Search"
      ariaLabel="Search users, groups, roles, policies, providers, services, actions and pages (press / or Ctrl+K)"
      clearAriaLabel="Clear the search"
      selectedAriaLabel="Selected"
      enteredTextLabel={value => `Search for ${value}`}
      empty={text === '' ? 'Names, ARNs, ids, paths, access keys, services and actions (s3:Get…) are found. Press / or Ctrl+K to come here.' : 'Nothing was found.'}
      statusType={waiting ? 'loading' : 'finished'}
      loadingText="Looking through the account"
      finishedText={text === '' ? undefined : silence(known)}
    />
  )
}

function options(groups: Group[], text: string): AutosuggestProps.Options {
  return groups.map(g => {
    const list = lists[g.kind]
    return {
      label: g.all > g.found.length ? `${g.kind} (${g.all})` : g.kind,
      options: [
        ...g.found.map(e => ({ value: e.to, label: e.name, description: e.detail, iconName: icons[g.kind] })),
        ...(list && g.all > g.found.length ? [{ value: `${list}?q=${encodeURIComponent(text.trim())}`, label: `All ${g.all} in the list`, iconName: 'search' as const }] : []),
      ],
    }
  })
}

/** silence says, in passing, what was not searched. */
function silence(k: Known): string | undefined {
  const these = (kinds: string[]) => kinds.map(kind => (kind.startsWith('MFA') ? kind : kind.toLowerCase())).join(', ')
  const all = [k.closed.length > 0 && `Not searched, as you may not list them: ${these(k.closed)}.`, k.failed.length > 0 && `Could not be listed: ${these(k.failed)}.`]
  return all.filter(Boolean).join(' ') || undefined
}

/** onSearchKey calls f when "/" or Ctrl+K is pressed, except "/" where text is written. */
function onSearchKey(f: () => void): () => void {
  const pressed = (e: KeyboardEvent) => {
    const on = e.target as HTMLElement
    const writing = on.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName)
    if (!((e.key === '/' && !writing && !e.ctrlKey && !e.metaKey && !e.altKey) || (e.key.toLowerCase() === 'k' && (e.ctrlKey || e.metaKey)))) return
    e.preventDefault()
    f()
  }
  document.addEventListener('keydown', pressed)
  return () => document.removeEventListener('keydown', pressed)
}
