import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar'
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react'

type Tell = (notice: { type: 'success' | 'error' | 'info'; content: ReactNode; header?: string }) => void

const TellContext = createContext<Tell>(() => {})
const ItemsContext = createContext<FlashbarProps.MessageDefinition[]>([])

/** useTell gives the function that tells of what was done, across pages. */
export const useTell = () => useContext(TellContext)

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [items, set] = useState<FlashbarProps.MessageDefinition[]>([])
  const tell = useCallback<Tell>(notice => {
    const id = crypto.randomUUID()
    const dismiss = () => set(all => all.filter(i => i.id !== id))
    set(all => [...all, { ...notice, id, dismissible: true, dismissLabel: 'Dismiss', onDismiss: dismiss }])
  }, [])
  return (
    <TellContext value={tell}>
      <ItemsContext value={items}>{children}</ItemsContext>
    </TellContext>
  )
}

export function Notices() {
  return <Flashbar items={useContext(ItemsContext)} stackItems={false} />
}
