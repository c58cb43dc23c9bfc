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
  ...['1', '2'].flatMap((n): [string, string, boolean?][] => [
    [`access_key_${n}_active`, `Key ${n}`],
    [`access_key_${n}_last_rotated`, `Key ${n} rotated`, true],
    [`access_key_${n}_last_used_date`, `Key ${n} last used`, n === '2'],
    [`access_key_${n}_last_used_region`, `Key ${n} last Region`, true],
    [`access_key_${n}_last_used_service`, `Key ${n} last service`, true],
  ]),
  ...['1', '2'].flatMap((n): [string, string, boolean?][] => [
    [`cert_${n}_active`, `Certificate ${n}`, true],
    [`cert_${n}_last_rotated`, `Certificate ${n} rotated`, true],
  ]),
  ['arn', 'ARN', true],
]

/** order sorts dates by time, and what is no date before all of them. */
function order(value: string | undefined): number {
  const at = /^\d{4}-/.test(value ?? '') ? Date.parse(value!) : NaN
  return Number.isNaN(at) ? 0 : at
}

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
        ...shown.map(([column, header, hidden]) => ({
          id: column,
          header,
          hidden,
          text: (e: Entry) => text(e[column]),
          few: column.endsWith('_active') || column.endsWith('_enabled'),
          order: /(_time|_used|_changed|_rotation|_rotated|_date)$/.test(column) ? (e: Entry) => order(e[column]) : undefined,
          minWidth: header.length > 10 ? 150 : 90,
        })),
      ]}
      buttons={
        <Button
          iconName="download"
          disabled={!report.value}
          onClick={() => save('credential-report.csv', report.value?.csv ?? '', 'text/csv')}
        >
          Download .csv file
        </Button>
      }
    />
  )
}
