import Badge from '@cloudscape-design/components/badge'
import Alert from '@cloudscape-design/components/alert'
import { Panel } from '../../shell/Panel'
import { summarize } from './summarize'

/** Summary is a table of what a policy allows and denies, service by service. */
export function Summary({ text }: { text: string }) {
  const rows = summarize(text)
  if (rows === undefined) return <Alert type="warning">The document can't be read.</Alert>
  return (
    <Panel
      title="Permissions defined in this policy"
      what="permissions"
      loaded={{ value: rows, loading: false, reload: () => {} }}
      id={r => `${r.effect} ${r.service}`}
      columns={[
        { header: 'Effect', cell: r => <Badge color={r.effect === 'Deny' ? 'red' : 'green'}>{r.effect}</Badge> },
        { header: 'Service', cell: r => r.service },
        { header: 'Actions', cell: r => r.actions },
        { header: 'Resources', cell: r => r.resources },
        { header: 'Conditions', cell: r => r.conditions || 'None' },
      ]}
    />
  )
}
