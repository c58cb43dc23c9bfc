import type { Ace } from 'ace-builds'
import { cursor, propose, type Context, type Proposal } from './complete'
import { place } from './place'

/** completer proposes in the text editor what fits at the cursor. */
export function completer(c: Context): Ace.Completer {
  const insertMatch = (editor: Ace.Editor, data: unknown) => put(editor, (data as { proposal: Proposal }).proposal)
  return {
    id: 'policy',
    identifierRegexps: [/[^\s"',[\]{}]/],
    triggerCharacters: ['"', ':', '/'],
    hideInlinePreview: true,
    getCompletions(_editor, session, point, _prefix, callback) {
      const text = session.getValue()
      const at = place(text, session.doc.positionToIndex(point, 0))
      if (at === undefined) {
        callback(null, [])
        return
      }
      propose(at, c).then(
        all =>
          callback(
            null,
            all.map((proposal, i) => ({ caption: proposal.text, value: proposal.text, meta: proposal.meta, score: all.length - i, proposal, completer: { insertMatch } }) as unknown as Ace.Completion),
          ),
        // Without the catalogue nothing is proposed; the pickers say why.
        () => callback(null, []),
      )
    },
  }
}

/** put replaces what is typed by a proposal, in one step to undo. */
function put(editor: Ace.Editor, p: Proposal) {
  const { session } = editor
  const { doc } = session
  const offset = doc.positionToIndex(editor.getCursorPosition(), 0)
  const at = place(session.getValue(), offset)
  if (at === undefined) return
  const stop = p.insert.indexOf(cursor)
  const text = p.insert.replace(cursor, '')
  const range = { start: doc.indexToPosition(at.from, 0), end: doc.indexToPosition(at.to, 0) }
  session.replace(range as Ace.Range, text)
  editor.clearSelection()
  editor.moveCursorToPosition(doc.indexToPosition(at.from + (stop < 0 ? text.length : stop), 0))
  // What was begun goes on: after "s3:" its actions.
  if (stop >= 0) setTimeout(() => editor.execCommand('startAutocomplete'), 0)
}
