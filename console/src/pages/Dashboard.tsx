import Header from '@cloudscape-design/components/header'
import Container from '@cloudscape-design/components/container'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { call } from '../api/client'
import { useLoad } from '../api/load'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'

const counts: [key: string, label: string, to: string][] = [
  ['Groups', 'User groups', '/groups'],
  ['Users', 'Users', '/users'],
  ['Roles', 'Roles', '/roles'],
  ['Policies', 'Policies', '/policies'],
  ['Providers', 'Identity providers', '/providers'],
]

export default function Dashboard() {
  const summary = useLoad(() => call('iam', 'GetAccountSummary', {}), [])
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Dashboard</Header>
      <Container header={<Header variant="h2">IAM resources</Header>}>
        {summary.error && <Failure error={summary.error} what="the account's summary" retry={summary.reload} />}
        {summary.loading && !summary.value && <Spinner />}
        {summary.value && (
          <KeyValuePairs
            columns={5}
            items={counts.map(([key, label, to]) => ({
              label,
              value: <Link to={to}>{String(summary.value?.SummaryMap?.[key as never] ?? 0)}</Link>,
            }))}
          />
        )}
      </Container>
    </SpaceBetween>
  )
}
