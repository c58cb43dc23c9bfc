import ace from 'ace-builds/src-min-noconflict/ace'
import 'ace-builds/src-min-noconflict/ext-language_tools'
import 'ace-builds/src-min-noconflict/ext-searchbox'
import 'ace-builds/src-min-noconflict/mode-json'
import 'ace-builds/src-min-noconflict/theme-cloud_editor'
import 'ace-builds/src-min-noconflict/theme-cloud_editor_dark'
import 'ace-builds/css/ace.css'
import 'ace-builds/css/theme/cloud_editor.css'
import 'ace-builds/css/theme/cloud_editor_dark.css'
import './text.css'
import type { Ace } from 'ace-builds'
import { useEffect, useRef } from 'react'
import { useDark } from '../shell/mode'
import type { TextProps } from '../entity/PolicyText'

// Styles come from files: the Content-Security-Policy lets nothing inline in. Problems
// are found elsewhere, so that no worker is needed.
ace.config.set('useStrictCSP', true)
ace.config.setDefaultValue('session', 'useWorker', false)

const theme = (dark: boolean) => `ace/theme/cloud_editor${dark ? '_dark' : ''}`

/** Text shows or edits a JSON text, with marks at its lines and proposals of what to type. */
export default function Text({ value, onChange, label, height, marks, completer, show }: TextProps) {
  const box = useRef<HTMLDivElement>(null)
  const editor = useRef<Ace.Editor>(undefined)
  const changed = useRef(onChange)
  changed.current = onChange
  /** setting is while the text is changed from outside. */
  const setting = useRef(false)
  const dark = useDark()
  const writable = onChange !== undefined

  useEffect(() => {
    const e = ace.edit(box.current!, {
      mode: 'ace/mode/json',
      theme: theme(dark),
      fontSize: 13,
      showPrintMargin: false,
      useSoftTabs: true,
      tabSize: 2,
      wrap: true,
      indentedSoftWrap: false,
      // Tab leaves the text; who wants to type goes in with Enter, and out with Escape.
      enableKeyboardAccessibility: true,
      scrollPastEnd: 0,
    })
    e.session.setNewLineMode('unix')
    e.on('change', () => {
      if (!setting.current) changed.current?.(e.getValue())
    })
    const resized = new ResizeObserver(() => e.resize())
    resized.observe(box.current!)
    editor.current = e
    return () => {
      resized.disconnect()
      e.destroy()
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  useEffect(() => editor.current?.setTheme(theme(dark)), [dark])

  useEffect(() => {
    const e = editor.current!
    e.setReadOnly(!writable)
    e.setHighlightActiveLine(writable)
    e.renderer.setShowGutter(true)
    e.setOption('textInputAriaLabel', label)
  }, [writable, label])

  useEffect(() => {
    setting.current = true
    update(editor.current!, value.replace(/\r\n?/g, '\n'))
    setting.current = false
  }, [value])

  useEffect(() => {
    const e = editor.current!
    e.completers = completer ? [completer] : []
    e.setOptions({ enableBasicAutocompletion: completer !== undefined, enableLiveAutocompletion: completer !== undefined })
    // The options put completers of their own in.
    e.completers = completer ? [completer] : []
    if (!completer) return
    // After "s3:" other things fit than those that were proposed before it.
    const again = (done: { command: { name?: string }; args: unknown }) => {
      if (done.command.name !== 'insertstring' || done.args !== ':') return
      setTimeout(() => {
        e.completer?.detach()
        if (e.isFocused()) e.execCommand('startAutocomplete')
      }, 0)
    }
    e.commands.on('afterExec', again as never)
    return () => e.commands.off('afterExec', again as never)
  }, [completer])

  useEffect(() => {
    const session = editor.current!.session
    session.setAnnotations((marks ?? []).map(m => ({ row: m.row, column: m.column, text: m.text, type: m.type })))
    const Range = ace.Range
    const ids = (marks ?? [])
      .filter(m => m.end !== undefined)
      .map(m => session.addMarker(new Range(m.row, m.column, m.end!.row, m.end!.column), `text-mark text-mark-${m.type}`, 'text', false))
    return () => ids.forEach(id => session.removeMarker(id))
  }, [marks])

  useEffect(() => {
    if (show === undefined) return
    const e = editor.current!
    e.resize()
    e.scrollToLine(show.row, true, false, () => {})
    e.gotoLine(show.row + 1, show.column, false)
    if (show.focus) e.focus()
  }, [show])

  return <div ref={box} className="text" style={height === undefined ? undefined : { height }} role="group" aria-label={label} />
}

/** update changes only what is different, so that the cursor and what can be undone stay. */
function update(e: Ace.Editor, value: string) {
  const old = e.getValue()
  if (old === value) return
  let from = 0
  while (from < old.length && from < value.length && old[from] === value[from]) from++
  let end = 0
  while (end < old.length - from && end < value.length - from && old[old.length - 1 - end] === value[value.length - 1 - end]) end++
  const doc = e.session.doc
  const range = ace.Range.fromPoints(doc.indexToPosition(from, 0), doc.indexToPosition(old.length - end, 0))
  e.session.replace(range, value.slice(from, value.length - end))
  if (old === '') {
    e.session.getUndoManager().reset()
    e.clearSelection()
    e.gotoLine(1, 0, false)
  }
}
