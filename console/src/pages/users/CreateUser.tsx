import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Wizard from '@cloudscape-design/components/wizard'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { Tag } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { ChooseBoundary } from '../../entity/Boundary'
import { ChoosePolicies, type Chosen } from '../../entity/ChoosePolicies'
import { TagFields } from '../../entity/Tags'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { signInURL, useSession } from '../../shell/session'
import { wizardStrings } from '../../shell/wizard'
import { CreateGroup } from '../groups/CreateGroup'
import { ChooseGroups, ChooseUser } from './Choose'
import { create, templateOf, type Made } from './create'
import { CsvButton } from './csv'
import { Secret } from './OnceOnly'
import { PasswordChoice } from './Password'
import { password as random } from './password'

type How = 'group' | 'copy' | 'direct'

const valid = /^[\w+=,.@-]{1,64}$/

export default function CreateUser() {
  const navigate = useNavigate()
  const [step, setStep] = useState(0)
  const [tried, setTried] = useState(false)
  const [name, setName] = useState('')
  const [console_, setConsole] = useState(false)
  const [key, setKey] = useState(false)
  const [own, setOwn] = useState(false)
  const [typed, setTyped] = useState('')
  const [reset, setReset] = useState(true)
  const [how, setHow] = useState<How>('group')
  const [groups, setGroups] = useState<readonly MultiselectProps.Option[]>([])
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  const [from, setFrom] = useState<Chosen | null>(null)
  const [boundary, setBoundary] = useState<Chosen | null>(null)
  const [tags, setTags] = useState<Tag[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const [made, setMade] = useState<Made>()
  const [making, setMaking] = useState(false)

  async function submit() {
    setBusy(true)
    setError(undefined)
    const plan = {
      name,
      password: console_ ? (own ? typed : random()) : undefined,
      reset,
      key,
      groups: how === 'group' ? groups.map(g => g.value ?? '') : [],
      policies: how === 'direct' ? policies.map(p => p.value ?? '') : [],
      like: how === 'copy' ? from?.value : undefined,
      boundary: boundary?.value,
      tags,
    }
    await create(plan).then(setMade, setError)
    setBusy(false)
  }

  if (made) return <Result name={name} made={made} />
  const ready = valid.test(name) && (!console_ || !own || typed !== '')
  const wrongName = name !== '' || tried ? !valid.test(name) : false
  return (
    <>
      <Wizard
        i18nStrings={wizardStrings('Create user')}
        activeStepIndex={step}
        isLoadingNextStep={busy}
        onNavigate={e => {
          setTried(true)
          if (e.detail.requestedStepIndex > 0 && !ready) return
          setStep(e.detail.requestedStepIndex)
        }}
        onCancel={() => navigate('/users')}
        onSubmit={submit}
        steps={[
          {
            title: 'Specify user details',
            content: (
              <Container header={<Header variant="h2">User details</Header>}>
                <SpaceBetween size="m">
                  <FormField label="User name" constraintText="Up to 64 letters, digits and + = , . @ _ -" errorText={wrongName && 'A name of letters, digits and + = , . @ _ - is needed.'}>
                    <Input value={name} onChange={e => setName(e.detail.value)} autoFocus disableBrowserAutocorrect />
                  </FormField>
                  <Checkbox checked={console_} onChange={e => setConsole(e.detail.checked)} description="For people. Programs use access keys, or better a role.">
                    Provide user access to the console
                  </Checkbox>
                  {console_ && <PasswordChoice own={own} setOwn={setOwn} password={typed} setPassword={setTyped} reset={reset} setReset={setReset} />}
                  {console_ && reset && <Alert type="info">The policy IAMUserChangePassword is attached, so that the user may choose the new password.</Alert>}
                  <Checkbox checked={key} onChange={e => setKey(e.detail.checked)} description="For programs that can't take on a role.">
                    Create an access key
                  </Checkbox>
                </SpaceBetween>
              </Container>
            ),
          },
          {
            title: 'Set permissions',
            content: (
              <SpaceBetween size="l">
                <Container header={<Header variant="h2">Permissions</Header>}>
                  <SpaceBetween size="m">
                    <RadioGroup
                      ariaLabel="Permissions options"
                      value={how}
                      onChange={e => setHow(e.detail.value as How)}
                      items={[
                        { value: 'group', label: 'Add user to group', description: 'The best way to give many users the same permissions.' },
                        { value: 'copy', label: 'Copy permissions', description: 'The groups, policies and permissions boundary of another user.' },
                        { value: 'direct', label: 'Attach policies directly' },
                      ]}
                    />
                    {how === 'group' && (
                      <>
                        <FormField label="Groups">
                          <ChooseGroups key={String(making)} chosen={groups} set={setGroups} />
                        </FormField>
                        <Button onClick={() => setMaking(true)}>Create group</Button>
                      </>
                    )}
                    {how === 'copy' && (
                      <>
                        <FormField label="Copy from">
                          <ChooseUser chosen={from} set={setFrom} label="Copy from" />
                        </FormField>
                        {from?.value && <Copied name={from.value} />}
                      </>
                    )}
                    {how === 'direct' && <ChoosePolicies chosen={policies} set={setPolicies} />}
                  </SpaceBetween>
                </Container>
                <ChooseBoundary of="user" chosen={boundary} set={setBoundary} />
              </SpaceBetween>
            ),
          },
          {
            title: 'Review and create',
            content: (
              <SpaceBetween size="l">
                <Container header={<Header variant="h2">User details</Header>}>
                  <KeyValuePairs
                    columns={3}
                    items={[
                      { label: 'User name', value: name },
                      { label: 'Console password', value: !console_ ? 'None' : own ? 'Custom' : 'Autogenerated' },
                      { label: 'Password reset', value: console_ && reset ? 'At the next sign-in' : 'No' },
                      { label: 'Access key', value: key ? 'One' : 'None' },
                      { label: 'Groups', value: how === 'group' ? groups.map(g => g.label).join(', ') || '–' : how === 'copy' ? `As ${from?.label ?? '–'}` : '–' },
                      { label: 'Policies', value: [...(how === 'direct' ? policies.map(p => p.label) : how === 'copy' ? [`As ${from?.label ?? '–'}`] : []), ...(console_ && reset ? ['IAMUserChangePassword'] : [])].join(', ') || '–' },
                      { label: 'Permissions boundary', value: boundary?.label ?? (how === 'copy' ? `As ${from?.label ?? '–'}` : '–') },
                    ]}
                  />
                </Container>
                <Container header={<Header variant="h2">Tags – optional</Header>}>
                  <TagFields items={tags} set={setTags} />
                </Container>
                {error && <Failure error={error} what={`user ${name}`} />}
              </SpaceBetween>
            ),
          },
        ]}
      />
      {making && (
        <CreateGroup
          close={() => setMaking(false)}
          done={made => {
            setGroups([...groups, { value: made, label: made }])
            setMaking(false)
          }}
        />
      )}
    </>
  )
}

/** Copied shows what a copy takes over. */
function Copied({ name }: { name: string }) {
  const like = useLoad(() => templateOf(name), [name])
  if (like.error) return <Failure error={like.error} what={`the permissions of ${name}`} retry={like.reload} />
  if (!like.value) return null
  return (
    <KeyValuePairs
      columns={2}
      items={[
        { label: 'Groups', value: like.value.groups.join(', ') || '–' },
        { label: 'Policies', value: like.value.policies.map(p => p.PolicyName).join(', ') || '–' },
        { label: 'Inline policies', value: like.value.inline.join(', ') || '–' },
        { label: 'Permissions boundary', value: like.value.boundary ?? '–' },
      ]}
    />
  )
}

function Result({ name, made }: { name: string; made: Made }) {
  const navigate = useNavigate()
  const url = signInURL(useSession())
  const header = ['User name', 'Password', 'Console sign-in URL', 'Access key ID', 'Secret access key']
  const row = [name, made.password ?? '', made.password ? url : '', made.key?.AccessKeyId ?? '', made.key?.SecretAccessKey ?? '']
  const secrets = made.password !== undefined || made.key !== undefined
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            {secrets && <CsvButton name={`${name}_credentials.csv`} rows={[header, row]} />}
            <Button onClick={() => navigate('/users')}>Return to users</Button>
            <Button variant="primary" onClick={() => navigate(`/users/${encodeURIComponent(name)}`)}>
              View user
            </Button>
          </SpaceBetween>
        }
      >
        User {name} created
      </Header>
      {made.failures.map(([what, error]) => (
        <Failure key={what} error={error} what={what} />
      ))}
      {secrets && <Alert type="warning">The secrets are shown this once. Give them to the user by a way that others don't read.</Alert>}
      {made.password !== undefined && (
        <Container header={<Header variant="h2">Console sign-in</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'Console sign-in URL', value: <Copy text={url} /> },
              { label: 'User name', value: <Copy text={name} /> },
              { label: 'Console password', value: <Secret text={made.password} /> },
            ]}
          />
        </Container>
      )}
      {made.key && (
        <Container header={<Header variant="h2">Access key</Header>}>
          <KeyValuePairs
            columns={2}
            items={[
              { label: 'Access key ID', value: <Copy text={made.key.AccessKeyId} /> },
              { label: 'Secret access key', value: <Secret text={made.key.SecretAccessKey} /> },
            ]}
          />
        </Container>
      )}
    </SpaceBetween>
  )
}
