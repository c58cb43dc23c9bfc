import './lines.css'

/** around is how many lines are shown before and after the one that counts. */
const around = 8

/** Lines shows a text around one of its lines, which is marked. */
export function Lines({ text, line, label }: { text: string; line: number; label: string }) {
  const all = text.split('\n')
  const first = Math.max(1, line - around)
  return (
    <pre className="lines" aria-label={label}>
      {all.slice(first - 1, line + around).map((l, i) => (
        <div key={i} className={first + i === line ? 'marked' : undefined}>
          <span className="number">{first + i}</span> {l}
        </div>
      ))}
    </pre>
  )
}
