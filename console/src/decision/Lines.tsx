import './lines.css'

/** around is how many lines are shown before and after those that count. */
const around = 8
/** most is how many lines are shown of those that count. */
const most = 200

interface Props {
  text: string
  /** from and to are the lines that count, from 1. */
  from: number
  to: number
  /** failed are lines among these that are marked as what failed. */
  failed?: number[]
  label: string
}

/** Lines shows a text around some of its lines, which are marked. */
export function Lines({ text, from, to, failed = [], label }: Props) {
  const all = text.split('\n')
  const first = Math.max(1, from - around)
  const last = Math.min(to + around, from + most, all.length)
  const mark = (line: number) => (failed.includes(line) ? 'marked failed' : line >= from && line <= to ? 'marked' : undefined)
  return (
    <pre className="lines" aria-label={label} tabIndex={0}>
      {all.slice(first - 1, last).map((l, i) => (
        <div key={i} className={mark(first + i)}>
          <span className="number">{first + i}</span> {l}
        </div>
      ))}
      {last < to && <div>… {to - last} more lines of the statement</div>}
    </pre>
  )
}
