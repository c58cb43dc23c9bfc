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

export function applyMode() {
  const c = choice()
  apply(c === 'dark' || (c === 'system' && system.matches) ? Mode.Dark : Mode.Light)
}

export function choose(c: Choice) {
  if (c === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, c)
  applyMode()
}
