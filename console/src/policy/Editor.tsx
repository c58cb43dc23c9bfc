import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useCallback, useDeferredValue, useMemo, useState, type KeyboardEvent } from 'react'
import { useSession } from '../shell/session'
import { PolicyText, type Mark } from '../entity/PolicyText'
import { catalogue } from './catalogue'
import { completer } from './completer'
import { Findings } from './FindingsList'
import type { Finding } from './findings'
import type { PolicyEditorProps } from './PolicyEditor'
import { useFindings } from './useFindings'
import { Visual } from './Visual'
import './editor.css'

const markTypes = { ERROR: 'error', SECURITY_WARNING: 'warning', WARNING: 'warning', SUGGESTION: 'info' } as const

/**
 * Editor edits one value, the text: as JSON, and visually, side by side where there is
 * room and one at a time where there isn't.
 */
export default function Editor({ value, onChange, type, label = 'Policy document' }: PolicyEditorProps) {
  const { account } = useSession()
  const [pane, setPane] = useState('visual')
  const [show, setShow] = useState<{ row: number; column: number; focus?: boolean }>()
  const checked = useFindings(value, type)
  const marks = useMemo(
    () => checked.findings.map((f): Mark => ({ row: f.row, column: f.column, end: f.end, type: markTypes[f.severity], text: f.text })),
    [checked.findings],
  )
  const propose = useMemo(() => completer({ type, catalogue, account }), [type, account])
  // Typing stays quick in a large document: what is shown beside it follows when there is time.
  const drawn = useDeferredValue(value)
  const go = useCallback((f: Finding | { row: number; column: number }, focus = true) => {
    if (focus) setPane('json')
    setShow({ row: f.row, column: f.column, focus })
  }, [])
  return (
    <div className="policy-editor" onKeyDown={keep}>
      <SpaceBetween size="m">
        {onChange && (
          <div className="policy-panes-choice">
            <Tabs
              ariaLabel={`Editor of ${label}`}
              activeTabId={pane}
              onChange={e => setPane(e.detail.activeTabId)}
              tabs={[
                { id: 'visual', label: 'Visual' },
                { id: 'json', label: 'JSON' },
              ]}
            />
          </div>
        )}
        <div className="policy-panes" data-pane={onChange ? pane : 'json'} data-read-only={onChange === undefined}>
          {onChange && (
            <section className="policy-visual" aria-label={`${label}, visual editor`}>
              <Visual text={drawn} latest={value} onChange={onChange} type={type} account={account} show={go} />
            </section>
          )}
          <section className="policy-json" aria-label={`${label}, JSON editor`}>
            <SpaceBetween size="s">
              <PolicyText value={value} onChange={onChange} label={label} marks={marks} completer={onChange && propose} show={show} />
              <Findings checked={checked} go={go} />
            </SpaceBetween>
          </section>
        </div>
      </SpaceBetween>
    </div>
  )
}

/** keep has Enter in a field stay in the editor, which may be part of a form. */
function keep(e: KeyboardEvent) {
  if (e.key === 'Enter' && e.target instanceof HTMLInputElement) e.preventDefault()
}
