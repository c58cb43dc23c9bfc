import { diff } from './diff'
import './diff.css'

/** Diff shows what one version of a text has that the other doesn't. */
export function Diff({ before, after }: { before: string; after: string }) {
  const lines = diff(before, after)
  if (lines.every(l => l.sign === ' ')) return <>They are the same.</>
  return (
    <pre className="diff" aria-label="Differences">
      {lines.map((l, i) => (
        <div key={i} className={l.sign === '+' ? 'added' : l.sign === '-' ? 'removed' : undefined}>
          {l.sign} {l.text}
        </div>
      ))}
    </pre>
  )
}
