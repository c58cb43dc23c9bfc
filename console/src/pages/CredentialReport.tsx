import { credentialReport, type Entry } from '../api/credentialReport'
import { useLoad } from '../api/load'
import Button from '@cloudscape-design/components/button'
import { Link } from '../shell/Link'
import { List } from '../shell/List'
import { save } from '../shell/save'
import { date } from '../shell/time'

/** shown are the report's columns as a person reads them. */
const shown: [column: string, header: string, hidden?: boolean][] = [
  ['user_creation_time', 'Created'],
  ['password_enabled', 'Password'],
  ['password_last_used', 'Password last used'],
  ['password_last_changed', 'Password changed', true],
  ['password_next_rotation', 'Password expires', true],
  ['mfa_active', 'MFA'],
  ['access_key_1_active', 'Key 1'],
  ['access_key_1_last_rotated', 'Key 1 rotated', true],
  ['access_key_1_last_used_date', 'Key 1 last used'],
  ['access_key_2_active', 'Key 2'],
  ['access_key_2_last_rotated', 'Key 2 rotated', true],
  ['access_key_2_last_used_date', 'Key 2 last used', true],
  ['cert_1_active', 'Certificate 1', true],
  ['cert_2_active', 'Certificate 2', true],
]

function text(value: string | undefined): string {
  switch (value) {
    case undefined:
    case 'N/A':
    case 'not_supported':
      return ''
    case 'no_information':
      return 'Never'
    case 'true':
      return 'Yes'
    case 'false':
      return 'No'
  }
  const at = Date.parse(value)
  return /^\d{4}-/.test(value) && !Number.isNaN(at) ? date(new Date(at)) : value
}

export default function CredentialReport() {
  const report = useLoad(credentialReport, [])
  return (
    <List<Entry>
      title="Credential report"
      one="user"
      many="users"
      description={report.value ? `Of ${date(report.value.made)}. A new one is made after four hours.` : 'All users and the state of their credentials.'}
      loaded={{ ...report, value: report.value?.entries }}
      id={e => e.user ?? ''}
      columns={[
        {
          id: 'user',
          header: 'User',
          text: e => e.user ?? '',
          cell: e => (e.user === '<root_account>' ? 'Root user' : <Link to={`/users/${encodeURIComponent(e.user ?? '')}?tab=credentials`}>{e.user}</Link>),
        },
        ...shown.map(([column, header, hidden]) => ({ id: column, header, hidden, text: (e: Entry) => text(e[column]) })),
      ]}
      actions={() => (
        <Button
          iconName="download"
          disabled={!report.value}
          onClick={() => save('credential-report.csv', report.value?.csv ?? '', 'text/csv')}
        >
          Download .csv file
        </Button>
      )}
    />
  )
}
