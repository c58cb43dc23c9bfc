import Button from '@cloudscape-design/components/button'
import { save } from '../../shell/save'

/** cell quotes a value (RFC 4180) and keeps a spreadsheet from taking it for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csv(rows: string[][]): string {
  return rows.map(r => r.map(cell).join(',') + '\r\n').join('')
}

/** CsvButton gives rows as a file. */
export function CsvButton({ name, rows }: { name: string; rows: string[][] }) {
  return (
    <Button
      iconName="download"
      onClick={() => save(name, csv(rows), 'text/csv')}
    >
      Download .csv file
    </Button>
  )
}
