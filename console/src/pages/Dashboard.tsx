import Box from '@cloudscape-design/components/box'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { call, type Refusal } from '../api/client'
import { credentialReport } from '../api/credentialReport'
import { useLoad } from '../api/load'
import { Copy } from '../shell/Copy'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { useSession } from '../shell/session'
import { attention, type Finding } from './attention'

const counts: [key: string, label: string, to: string][] = [
  ['Groups', 'User groups', '/groups'],
  ['Users', 'Users', '/users'],
  ['Roles', 'Roles', '/roles'],
  ['Policies', 'Policies', '/policies'],
  ['Providers', 'Identity providers', '/providers'],
]

async function findings(): Promise<Finding[]> {
  const [report, weak] = await Promise.all([
    credentialReport(),
    call('iam', 'GetAccountPasswordPolicy', {}).then(
      o => (o.PasswordPolicy.MinimumPasswordLength ?? 6) < 8,
      (e: Refusal) => {
        if (e.code !== 'NoSuchEntity') throw e
        return false // the default wants eight characters
      },
    ),
  ])
  const found = attention(report.entries, new Date())
  if (weak) found.push({ severity: 'medium', text: 'The password policy takes passwords of fewer than 8 characters.', to: '/settings' })
  return found
}

export default function Dashboard() {
  const session = useSession()
  const summary = useLoad(() => call('iam', 'GetAccountSummary', {}), [])
  const found = useLoad(findings, [])
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Dashboard</Header>
      <ColumnLayout columns={2}>
        <Container fitHeight header={<Header variant="h2">Needs attention</Header>}>
          {found.error && <Failure error={found.error} what="security recommendations" retry={found.reload} />}
          {found.loading && !found.value && <StatusIndicator type="loading">Looking</StatusIndicator>}
          {found.value?.length === 0 && <StatusIndicator>Nothing</StatusIndicator>}
          <SpaceBetween size="xs">
            {found.value?.map(f => (
              <div key={f.text}>
                <StatusIndicator type={f.severity === 'high' ? 'error' : f.severity === 'medium' ? 'warning' : 'info'}>{f.text}</StatusIndicator>{' '}
                <Link to={f.to} ariaLabel={`Fix: ${f.text}`}>
                  Fix
                </Link>
              </div>
            ))}
          </SpaceBetween>
        </Container>
        <Container fitHeight header={<Header variant="h2">Account</Header>}>
          <KeyValuePairs
            columns={1}
            items={[
              { label: 'Account ID', value: <Copy text={session.account} /> },
              { label: 'Account alias', value: session.alias ?? <Link to="/settings">Create</Link> },
              { label: 'Sign-in URL of IAM users', value: <Copy text={`${location.origin}/signin?account=${session.alias ?? session.account}`} /> },
            ]}
          />
        </Container>
      </ColumnLayout>
      <Container header={<Header variant="h2">IAM resources</Header>}>
        {summary.error && <Failure error={summary.error} what="the account's summary" retry={summary.reload} />}
        {summary.loading && !summary.value && <Spinner />}
        {summary.value && (
          <KeyValuePairs
            columns={4}
            items={counts.map(([key, label, to]) => ({
              label,
              value: (
                <Box fontSize="heading-xl">
                  <Link to={to} fontSize="heading-xl">
                    {String(summary.value?.SummaryMap?.[key as never] ?? 0)}
                  </Link>
                </Box>
              ),
            }))}
          />
        )}
      </Container>
    </SpaceBetween>
  )
}
