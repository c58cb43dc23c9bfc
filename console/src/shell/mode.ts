import { useSyncExternalStore } from 'react'
import { applyMode as apply, Mode } from '@cloudscape-design/global-styles'

const key = 'sallyport-mode'

export type Choice = 'system' | 'light' | 'dark'

/** choice is what the viewer chose; nothing else of theirs is kept in the browser. */
export function choice(): Choice {
  const kept = localStorage.getItem(key)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

const system = matchMedia('(prefers-color-scheme: dark)')
system.addEventListener('change', applyMode)

const listeners = new Set<() => void>()

const dark = () => choice() === 'dark' || (choice() === 'system' && system.matches)

export function applyMode() {
  apply(dark() ? Mode.Dark : Mode.Light)
  listeners.forEach(l => l())
}

/** useDark says whether the page is dark, for what doesn't take its colours from the page. */
export function useDark(): boolean {
  return useSyncExternalStore(listener => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, dark)
}

export function choose(c: Choice) {
  if (c === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, c)
  applyMode()
}
