import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { gather, keyOwner, type Known } from './entries'
import { find, lists, type Entry, type Group } from './find'
import { places } from './places'

const icons: Partial<Record<Group['kind'], AutosuggestProps.Option['iconName']>> = {
  Users: 'user-profile',
  'User groups': 'group',
  Roles: 'lock-private',
  Policies: 'file',
  'Identity providers': 'share',
  'Access keys': 'key',
}

/** Search finds everything that the viewer may list, by name, ARN, id or path. */
export function Search() {
  const navigate = useNavigate()
  const field = useRef<AutosuggestProps.Ref>(null)
  const [text, setText] = useState('')
  const [known, setKnown] = useState<Known>({ entries: [], loading: false, closed: [], failed: [] })
  const [owner, setOwner] = useState<Entry>()
  useEffect(() => onSearchKey(() => field.current?.focus()), [])
  useEffect(() => {
    let current = true
    setOwner(undefined)
    void keyOwner(text).then(found => current && setOwner(found))
    return () => {
      current = false
    }
  }, [text])
  const groups = useMemo(() => [...(owner ? [{ kind: 'Access keys' as const, found: [owner], all: 1 }] : []), ...find([...places, ...known.entries], text)], [text, known, owner])

  const go = (to: string | undefined) => {
    setText('')
    if (to) navigate(to)
  }
  return (
    <Autosuggest
      ref={field}
      value={text}
      onChange={e => setText(e.detail.value)}
      onFocus={() => gather(setKnown)}
      // Enter without a choice opens what answers best.
      onSelect={e => go(e.detail.selectedOption ? e.detail.value : groups[0]?.found[0]?.to)}
      options={options(groups, text)}
      filteringType="manual"
      hideEnteredTextOption
      expandToViewport
      placeholder="Search"
      ariaLabel="Search users, groups, roles, policies, providers and pages (press / or Ctrl+K)"
      clearAriaLabel="Clear the search"
      selectedAriaLabel="Selected"
      enteredTextLabel={value => `Search for ${value}`}
      empty={text === '' ? 'Names, ARNs, ids and paths are found. Press / or Ctrl+K to come here.' : 'Nothing was found.'}
      statusType={known.loading ? 'loading' : 'finished'}
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
  const all = [k.closed.length > 0 && `Not searched, as you may not list them: ${k.closed.join(', ').toLowerCase()}.`, k.failed.length > 0 && `Could not be listed: ${k.failed.join(', ').toLowerCase()}.`]
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
