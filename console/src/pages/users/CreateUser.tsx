import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { MultiselectProps } from '@cloudscape-design/components/multiselect'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Wizard from '@cloudscape-design/components/wizard'
import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call, pages } from '../../api/client'
import type { Tag } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { ChoosePolicies, ChoosePolicy, type Chosen } from '../../entity/Permissions'
import { TagFields } from '../../entity/Tags'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { useSession } from '../../shell/session'
import { wizardStrings } from '../../shell/wizard'
import { CsvButton } from './csv'
import { password as random } from './password'
import { ChooseGroups } from './User'

type How = 'group' | 'copy' | 'direct'

interface Made {
  password?: string
  failures: [string, Error][]
}

export default function CreateUser() {
  const navigate = useNavigate()
  const [step, setStep] = useState(0)
  const [name, setName] = useState('')
  const [console_, setConsole] = useState(false)
  const [own, setOwn] = useState(false)
  const [typed, setTyped] = useState('')
  const [reset, setReset] = useState(true)
  const [how, setHow] = useState<How>('group')
  const [groups, setGroups] = useState<readonly MultiselectProps.Option[]>([])
  const [policies, setPolicies] = useState<readonly MultiselectProps.Option[]>([])
  const [from, setFrom] = useState<{ value?: string; label?: string } | null>(null)
  const [boundary, setBoundary] = useState<{ value?: string; label?: string } | null>(null)
  const [tags, setTags] = useState<Tag[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const [made, setMade] = useState<Made>()

  async function create() {
    setBusy(true)
    setError(undefined)
    try {
      await call('iam', 'CreateUser', { UserName: name, Tags: tags.length > 0 ? tags : undefined, PermissionsBoundary: boundary?.value })
    } catch (e) {
      setError(e as Error)
      setBusy(false)
      return
    }
    // The user is there: what fails from here on is told, and can be mended on its page.
    const failures: [string, Error][] = []
    const attempt = (what: string, step: Promise<unknown>) => step.catch((e: Error) => void failures.push([what, e]))
    let secret: string | undefined
    if (console_) {
      const Password = own ? typed : random()
      await attempt(
        'the password',
        call('iam', 'CreateLoginProfile', { UserName: name, Password, PasswordResetRequired: reset }).then(() => (secret = Password)),
      )
    }
    for (const g of how === 'direct' ? [] : await memberships())
      await attempt(`the membership in ${g}`, call('iam', 'AddUserToGroup', { UserName: name, GroupName: g }))
    for (const p of how === 'group' ? [] : await attachments())
      await attempt(`the policy ${p}`, call('iam', 'AttachUserPolicy', { UserName: name, PolicyArn: p }))
    setMade({ password: secret, failures })
    setBusy(false)
  }

  async function memberships(): Promise<string[]> {
    if (how === 'group') return groups.map(g => g.value ?? '')
    if (how !== 'copy' || !from?.value) return []
    return (await pages(Marker => call('iam', 'ListGroupsForUser', { UserName: from.value!, Marker }), o => o.Groups)).map(g => g.GroupName)
  }

  async function attachments(): Promise<string[]> {
    if (how === 'direct') return policies.map(p => p.value ?? '')
    if (how !== 'copy' || !from?.value) return []
    return (await pages(Marker => call('iam', 'ListAttachedUserPolicies', { UserName: from.value!, Marker }), o => o.AttachedPolicies)).map(p => p.PolicyArn ?? '')
  }

  if (made) return <Result name={name} made={made} />
  const ready = name !== '' && (!console_ || !own || typed !== '')
  return (
    <Wizard
      i18nStrings={wizardStrings('Create user')}
      activeStepIndex={step}
      isLoadingNextStep={busy}
      onNavigate={e => {
        if (e.detail.requestedStepIndex > 0 && !ready) return
        setStep(e.detail.requestedStepIndex)
      }}
      onCancel={() => navigate('/users')}
      onSubmit={create}
      steps={[
        {
          title: 'Specify user details',
          content: (
            <Container header={<Header variant="h2">User details</Header>}>
              <SpaceBetween size="m">
                <FormField label="User name" constraintText="Up to 64 letters, digits and + = , . @ _ -">
                  <Input value={name} onChange={e => setName(e.detail.value)} autoFocus />
                </FormField>
                <Checkbox checked={console_} onChange={e => setConsole(e.detail.checked)} description="For people. Programs use access keys, or better a role.">
                  Provide user access to the console
                </Checkbox>
                {console_ && (
                  <>
                    <RadioGroup
                      ariaLabel="Console password"
                      value={own ? 'own' : 'random'}
                      onChange={e => setOwn(e.detail.value === 'own')}
                      items={[
                        { value: 'random', label: 'Autogenerated password', description: 'It is shown once, when the user has been created.' },
                        { value: 'own', label: 'Custom password' },
                      ]}
                    />
                    {own && (
                      <FormField label="Password" description="It must meet the account's password policy.">
                        <Input type="password" value={typed} onChange={e => setTyped(e.detail.value)} autoComplete="new-password" />
                      </FormField>
                    )}
                    <Checkbox checked={reset} onChange={e => setReset(e.detail.checked)}>
                      The user must choose a new password at the next sign-in
                    </Checkbox>
                  </>
                )}
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
                      { value: 'copy', label: 'Copy permissions', description: "The groups and managed policies of another user; not that user's inline policies." },
                      { value: 'direct', label: 'Attach policies directly' },
                    ]}
                  />
                  {how === 'group' && (
                    <FormField label="Groups">
                      <ChooseGroups chosen={groups} set={setGroups} />
                    </FormField>
                  )}
                  {how === 'copy' && <ChooseUser chosen={from} set={setFrom} />}
                  {how === 'direct' && <ChoosePolicies chosen={policies} set={setPolicies} />}
                </SpaceBetween>
              </Container>
              <ChooseBoundary chosen={boundary} set={setBoundary} />
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
                    { label: 'Groups', value: how === 'group' ? groups.map(g => g.label).join(', ') || '–' : how === 'copy' ? `As ${from?.label ?? '–'}` : '–' },
                    { label: 'Policies', value: how === 'direct' ? policies.map(p => p.label).join(', ') || '–' : how === 'copy' ? `As ${from?.label ?? '–'}` : '–' },
                    { label: 'Permissions boundary', value: boundary?.label ?? '–' },
                  ]}
                />
              </Container>
              <Container header={<Header variant="h2">Tags</Header>}>
                <TagFields items={tags} set={setTags} />
              </Container>
              {error && <Failure error={error} what={`user ${name}`} />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  )
}

function ChooseUser({ chosen, set }: { chosen: { value?: string; label?: string } | null; set: (o: { value?: string; label?: string }) => void }) {
  const users = useLoad(() => pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: 1000 }), o => o.Users), [])
  if (users.error) return <Failure error={users.error} what="users" retry={users.reload} />
  return (
    <FormField label="Copy from">
      <Select
        selectedOption={chosen}
        onChange={e => set(e.detail.selectedOption)}
        options={(users.value ?? []).map(u => ({ value: u.UserName, label: u.UserName }))}
        statusType={users.loading ? 'loading' : 'finished'}
        filteringType="auto"
        virtualScroll
        placeholder="Choose a user"
        ariaLabel="Copy from"
      />
    </FormField>
  )
}

function ChooseBoundary({ chosen, set }: { chosen: Chosen | null; set: (o: Chosen | null) => void }) {
  return (
    <Container header={<Header variant="h2" description="The most that the user's policies can ever allow.">Permissions boundary – optional</Header>}>
      <SpaceBetween size="s" direction="horizontal">
        <ChoosePolicy chosen={chosen} set={set} label="Permissions boundary" placeholder="No permissions boundary" />
        {chosen && <Button onClick={() => set(null)}>Clear</Button>}
      </SpaceBetween>
    </Container>
  )
}

function Result({ name, made }: { name: string; made: Made }) {
  const navigate = useNavigate()
  const session = useSession()
  const url = `${location.origin}/signin?account=${session.alias ?? session.account}`
  return (
    <SpaceBetween size="l">
      <Header variant="h1">User {name} created</Header>
      {made.failures.map(([what, error]) => (
        <Failure key={what} error={error} what={what} />
      ))}
      {made.password && (
        <>
          <Alert type="warning">The password is shown this once. Give it to the user by a way that others don't read.</Alert>
          <Container header={<Header variant="h2" actions={<CsvButton name={`${name}_credentials.csv`} rows={[['User name', 'Password', 'Console sign-in URL'], [name, made.password, url]]} />}>Console sign-in</Header>}>
            <KeyValuePairs
              columns={3}
              items={[
                { label: 'Console sign-in URL', value: <Copy text={url} /> },
                { label: 'User name', value: <Copy text={name} /> },
                { label: 'Console password', value: <Password text={made.password} /> },
              ]}
            />
          </Container>
        </>
      )}
      <SpaceBetween size="xs" direction="horizontal">
        <Button onClick={() => navigate('/users')}>Return to users</Button>
        <Button variant="primary" onClick={() => navigate(`/users/${encodeURIComponent(name)}`)}>
          View user
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  )
}

function Password({ text }: { text: string }) {
  const [shown, setShown] = useState(false)
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <Box variant="code">
        {shown ? text : '••••••••••••'}
      </Box>
      <Button variant="inline-link" onClick={() => setShown(!shown)}>
        {shown ? 'Hide' : 'Show'}
      </Button>
    </SpaceBetween>
  )
}
