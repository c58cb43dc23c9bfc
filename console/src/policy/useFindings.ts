import { useEffect, useMemo, useState } from 'react'
import { call, Refusal } from '../api/client'
import type { ValidatePolicyFinding } from '../api/accessanalyzer.gen'
import { found, syntax, validated, type Finding } from './findings'
import type { PolicyType } from './PolicyEditor'

/** Checked is how far a document is checked, and what was found. */
export interface Checked {
  findings: Finding[]
  /** state is "syntax" when the server could not be asked, for the error's reason. */
  state: 'checking' | 'checked' | 'syntax'
  error?: Error
}

/** pause is how long a text rests before the server is asked, in milliseconds. */
const pause = 400

/** most is how many findings are asked for, over several pages. */
const most = 500

/**
 * useFindings checks a document as it is typed: its syntax at once, the rest by
 * access-analyzer:ValidatePolicy when it has rested. An answer about an older text is
 * dropped. Whoever may not ask the server has the syntax checked.
 */
export function useFindings(text: string, type: PolicyType): Checked {
  const problems = useMemo(() => syntax(text), [text])
  const [answer, setAnswer] = useState<{ text: string; findings?: Finding[]; error?: Error }>()
  const [denied, setDenied] = useState<Error>()
  const ask = problems.length === 0 && text.trim() !== '' && denied === undefined
  useEffect(() => {
    if (!ask) return
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const all: ValidatePolicyFinding[] = []
        let nextToken: string | undefined
        do {
          const out = await call('access-analyzer', 'ValidatePolicy', { policyDocument: text, ...validated(type), locale: 'EN', nextToken }, abort.signal)
          all.push(...out.findings)
          nextToken = out.nextToken
        } while (nextToken !== undefined && all.length < most)
        setAnswer({ text, findings: found(all) })
      } catch (e) {
        if (abort.signal.aborted) return
        if (e instanceof Refusal && e.denied) setDenied(e)
        else setAnswer({ text, error: e as Error })
      }
    }, pause)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [ask, text, type])
  if (problems.length > 0) return { findings: problems, state: 'checked' }
  if (denied) return { findings: [], state: 'syntax', error: denied }
  if (text.trim() === '') return { findings: [], state: 'checked' }
  if (answer?.text !== text) return { findings: answer?.findings ?? [], state: 'checking' }
  if (answer.error) return { findings: [], state: 'syntax', error: answer.error }
  return { findings: answer.findings ?? [], state: 'checked' }
}
