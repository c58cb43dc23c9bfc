import { useCallback, useEffect, useRef, useState } from 'react'

/** Loaded is what a page shows of something it asked for. */
export interface Loaded<T> {
  value?: T
  error?: Error
  loading: boolean
  reload: () => void
}

/**
 * useLoad asks for something when a page opens, again when what it depends on
 * changes, and when told. An answer that comes too late is dropped.
 */
export function useLoad<T>(ask: (show: (value: T) => void) => Promise<T>, depends: readonly unknown[]): Loaded<T> {
  const [state, set] = useState<{ value?: T; error?: Error; loading: boolean }>({ loading: true })
  const [round, again] = useState(0)
  const asked = useRef(ask)
  asked.current = ask
  useEffect(() => {
    let current = true
    set(before => ({ ...before, loading: true }))
    asked
      .current(value => current && set({ value, loading: true }))
      .then(
        value => current && set({ value, loading: false }),
        (error: Error) => current && set({ error, loading: false }),
      )
    return () => {
      current = false
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [...depends, round])
  const reload = useCallback(() => again(n => n + 1), [])
  return { ...state, reload }
}
