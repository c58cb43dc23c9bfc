import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useState } from 'react'
import { call } from '../../api/client'
import { useLoad } from '../../api/load'
import { Actions } from '../../shell/Actions'
import { Ask, Destroy } from '../../shell/Confirm'
import { Copy } from '../../shell/Copy'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'
import { signInURL, useSession } from '../../shell/session'

const valid = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/

/** Alias is what users sign in with in place of the account's number. */
export function Alias() {
  const tell = useTell()
  const { account } = useSession()
  const [dialog, setDialog] = useState<'edit' | 'delete'>()
  const [text, setText] = useState('')
  const alias = useLoad(async () => (await call('iam', 'ListAccountAliases', {})).AccountAliases?.[0] ?? null, [])
  const current = alias.value ?? undefined
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Users sign in with it in place of the account's number."
          actions={
            <Actions>
              {current && <Button onClick={() => setDialog('delete')}>Delete</Button>}
              <Button
                disabled={alias.value === undefined}
                onClick={() => {
                  setText(current ?? '')
                  setDialog('edit')
                }}
              >
                {current ? 'Edit' : 'Create'}
              </Button>
            </Actions>
          }
        >
          Account alias
        </Header>
      }
    >
      {alias.error ? (
        <Failure error={alias.error} what="the alias" retry={alias.reload} />
      ) : (
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Alias', value: current ?? '–' },
            { label: 'Sign-in URL of users', value: <Copy text={signInURL({ account, alias: current })} /> },
          ]}
        />
      )}
      {dialog === 'edit' && (
        <Ask
          title="Account alias"
          submit="Save"
          ready={valid.test(text) && text !== current}
          close={() => setDialog(undefined)}
          act={async () => {
            await call('iam', 'CreateAccountAlias', { AccountAlias: text })
            tell({ type: 'success', content: `The account's alias is ${text}.` })
            alias.reload()
          }}
        >
          {current && 'Links with the alias of now stop working.'}
          <FormField label="Alias" constraintText="3 to 63 lower-case letters, digits and single hyphens" errorText={text !== '' && !valid.test(text) && 'It does not have this form.'}>
            <Input value={text} onChange={e => setText(e.detail.value)} autoFocus disableBrowserAutocorrect />
          </FormField>
        </Ask>
      )}
      {dialog === 'delete' && current && (
        <Destroy
          one="alias"
          names={[current]}
          act={AccountAlias => call('iam', 'DeleteAccountAlias', { AccountAlias })}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: `Alias ${current} deleted.` })
            alias.reload()
          }}
        >
          Links with it stop working, and another account may take it.
        </Destroy>
      )}
    </Container>
  )
}
