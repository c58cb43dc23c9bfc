import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import Icon from '@cloudscape-design/components/icon'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { Fragment } from 'react'
import { call } from '../api/client'
import { useLoad } from '../api/load'
import { Copy } from '../shell/Copy'
import { Failure } from '../shell/Failure'
import { Link } from '../shell/Link'
import { signInURL, useSession } from '../shell/session'
import { Recent } from './activity/Recent'
import type { Finding } from './attention'
import { findings, type Found } from './findings'

const counts: [key: string, label: string, to: string][] = [
  ['Groups', 'User groups', '/groups'],
  ['Users', 'Users', '/users'],
  ['Roles', 'Roles', '/roles'],
  ['Policies', 'Policies', '/policies'],
  ['Providers', 'Identity providers', '/providers'],
]

export default function Dashboard() {
  const session = useSession()
  const summary = useLoad(() => call('iam', 'GetAccountSummary', {}), [])
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Dashboard</Header>
      <Grid gridDefinition={[{ colspan: { default: 12, s: 8 } }, { colspan: { default: 12, s: 4 } }]}>
        <Attention />
        <Container fitHeight header={<Header variant="h2">Account</Header>}>
          <KeyValuePairs
            columns={1}
            items={[
              { label: 'Account ID', value: <Copy text={session.account} /> },
              { label: 'Account alias', value: session.alias ?? <Link to="/settings#alias">Create</Link> },
              { label: 'Sign-in URL of IAM users', value: <Copy text={signInURL(session)} /> },
            ]}
          />
        </Container>
      </Grid>
      <Container header={<Header variant="h2">IAM resources</Header>}>
        {summary.error && <Failure error={summary.error} what="the account's summary" retry={summary.reload} />}
        {summary.loading && !summary.value && <Spinner />}
        {summary.value && (
          <SpaceBetween size="xxl" direction="horizontal">
            {counts.map(([key, label, to]) => (
              <div key={key}>
                <Box variant="awsui-key-label">{label}</Box>
                <Link to={to} fontSize="heading-xl" ariaLabel={`${label}: ${(summary.value?.SummaryMap?.[key] ?? 0).toLocaleString()}`}>
                  {(summary.value?.SummaryMap?.[key] ?? 0).toLocaleString()}
                </Link>
              </div>
            ))}
          </SpaceBetween>
        )}
      </Container>
      <Recent />
    </SpaceBetween>
  )
}

const types = {
  high: { icon: 'status-negative', variant: 'error', color: 'text-status-error' },
  medium: { icon: 'status-warning', variant: 'warning', color: 'text-status-warning' },
  low: { icon: 'status-info', variant: 'link', color: 'text-status-info' },
} as const
const words = { high: 'High severity', medium: 'Medium severity', low: 'Low severity' }

/** Attention is what should be mended, computed from what is there now. */
function Attention() {
  const found = useLoad<Found>(findings, [])
  const all = found.value?.findings ?? []
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" counter={found.value && `(${all.length})`} actions={<Button iconName="refresh" ariaLabel="Look again" loading={found.loading} onClick={found.reload} />}>
          Needs attention
        </Header>
      }
    >
      <SpaceBetween size="s">
        {found.error && <Failure error={found.error} what="what needs attention" retry={found.reload} />}
        {all.map(f => (
          <Item key={f.text + (f.places[0]?.text ?? '')} finding={f} />
        ))}
        {found.loading && <StatusIndicator type="loading">Looking</StatusIndicator>}
        {!found.loading && !found.error && all.length === 0 && <StatusIndicator>Nothing</StatusIndicator>}
        {found.value && found.value.closed.length > 0 && <Box color="text-status-inactive">Not looked at, as you may not: {found.value.closed.join(', ')}.</Box>}
      </SpaceBetween>
    </Container>
  )
}

function Item({ finding }: { finding: Finding }) {
  return (
    <div>
      <Box color={types[finding.severity].color}>
        <Icon name={types[finding.severity].icon} variant={types[finding.severity].variant} ariaLabel={words[finding.severity]} /> {finding.text}
      </Box>
      <Box padding={{ left: 'l' }}>
        {finding.places.map((p, i) => (
          <Fragment key={p.text + i}>
            {i > 0 && ', '}
            <Link to={p.to} ariaLabel={`${finding.text} ${p.text}`}>
              {p.text}
            </Link>
          </Fragment>
        ))}
      </Box>
    </div>
  )
}
