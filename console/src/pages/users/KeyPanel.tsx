import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState, type ReactNode } from 'react'
import type { Loaded } from '../../api/load'
import { Destroy } from '../../shell/Confirm'
import { each } from '../../shell/each'
import { Panel } from '../../shell/Panel'
import { useTell } from '../../shell/notices'

/** Status is that of every credential that is a key. */
export type Status = 'Active' | 'Inactive' | 'Expired'

/** KeyPanel lists credentials that can be made inactive, and deleted. */
export function KeyPanel<T extends { Status?: Status }>(props: {
  title: string
  /** one and many name the credentials: "SSH public key". */
  one: string
  many: string
  description?: ReactNode
  loaded: Loaded<T[]>
  id: (item: T) => string
  columns: { header: string; cell: (item: T) => ReactNode; minWidth?: number }[]
  set: (id: string, status: Status) => Promise<unknown>
  remove: (id: string) => Promise<unknown>
  /** actions come before those that every credential has. */
  actions?: (selected: T[]) => ReactNode
}) {
  const tell = useTell()
  const [going, setGoing] = useState<string[]>()
  const set = async (all: T[], status: Status) => {
    const end = await each(all.map(props.id), id => props.set(id, status), () => {})
    for (const [id, e] of end.failed) tell({ type: 'error', header: `${id} was not changed`, content: e.message })
    if (end.done.length > 0) tell({ type: 'success', content: `${end.done.join(', ')}: ${status === 'Active' ? 'active' : 'inactive'}.` })
    props.loaded.reload()
  }
  const [first = { header: '', cell: () => '' }, ...rest] = props.columns
  return (
    <>
      <Panel
        title={props.title}
        what={props.many}
        description={props.description}
        loaded={props.loaded}
        id={props.id}
        columns={[first, { header: 'Status', cell: k => <StatusOf status={k.Status} />, minWidth: 110 }, ...rest]}
        actions={selected => (
          <>
            {selected.length > 0 && (
              <>
                <Button onClick={() => setGoing(selected.map(props.id))}>Delete</Button>
                {selected.every(k => k.Status === 'Active') ? <Button onClick={() => set(selected, 'Inactive')}>Deactivate</Button> : <Button onClick={() => set(selected, 'Active')}>Activate</Button>}
              </>
            )}
            {props.actions?.(selected)}
          </>
        )}
      />
      {going && (
        <Destroy
          one={props.one}
          many={props.many}
          names={going}
          act={props.remove}
          close={() => setGoing(undefined)}
          done={gone => {
            tell({ type: 'success', content: `${gone.join(', ')} deleted.` })
            props.loaded.reload()
          }}
        >
          What uses it fails at once, and it can't be brought back. Deactivate it first to see whether something misses it.
        </Destroy>
      )}
    </>
  )
}

export function StatusOf({ status }: { status?: Status }) {
  return <StatusIndicator type={status === 'Active' ? 'success' : status === 'Expired' ? 'warning' : 'stopped'}>{status}</StatusIndicator>
}
