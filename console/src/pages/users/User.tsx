import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useParams } from 'react-router'
import { call, moment } from '../../api/client'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import { date } from '../../shell/time'

export default function UserPage() {
  const name = useParams().name ?? ''
  const user = useLoad(() => call('iam', 'GetUser', { UserName: name }), [name])
  const u = user.value?.User
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{name}</Header>
      {user.error && <Failure error={user.error} what={`user ${name}`} retry={user.reload} />}
      {u && (
        <Container header={<Header variant="h2">Summary</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'ARN', value: u.Arn },
              { label: 'Created', value: date(moment(u.CreateDate)) },
              { label: 'Console last sign-in', value: date(moment(u.PasswordLastUsed)) || 'Never' },
            ]}
          />
        </Container>
      )}
    </SpaceBetween>
  )
}
