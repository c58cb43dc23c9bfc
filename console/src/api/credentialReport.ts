import { call } from './client'

/** Entry is a user's line of the credential report, by the names of its columns. */
export type Entry = Record<string, string>

/** pause between two looks at a report in the making, in milliseconds. */
const pause = 500

/** rowsOf reads CSV with a header line (RFC 4180). */
export function rowsOf(csv: string): Entry[] {
  const table: string[][] = [[]]
  let field = ''
  let quoted = false
  for (let i = 0; i < csv.length; i++) {
    const c = csv[i]!
    if (quoted) {
      if (c !== '"') field += c
      else if (csv[i + 1] === '"') field += csv[++i]
      else quoted = false
    } else if (c === '"') quoted = true
    else if (c === ',') {
      table.at(-1)!.push(field)
      field = ''
    } else if (c === '\n') {
      table.at(-1)!.push(field)
      field = ''
      table.push([])
    } else if (c !== '\r') field += c
  }
  if (field !== '' || table.at(-1)!.length > 0) table.at(-1)!.push(field)
  const [header = [], ...rows] = table.filter(r => r.length > 0)
  return rows.map(r => Object.fromEntries(header.map((h, i) => [h, r[i] ?? ''])))
}

export interface Report {
  csv: string
  entries: Entry[]
  made: Date
}

/** credentialReport has the report made, when there is none that is fresh, and waits for it. */
export async function credentialReport(): Promise<Report> {
  for (;;) {
    const state = (await call('iam', 'GenerateCredentialReport', {})).State
    if (state === 'COMPLETE') break
    await new Promise(done => setTimeout(done, pause))
  }
  const out = await call('iam', 'GetCredentialReport', {})
  const csv = new TextDecoder().decode(Uint8Array.from(atob(out.Content ?? ''), c => c.charCodeAt(0)))
  return { csv, entries: rowsOf(csv), made: new Date((out.GeneratedTime ?? 0) * 1000) }
}
