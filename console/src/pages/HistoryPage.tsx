import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { History } from '../entity/History'

/** HistoryPage is the history of any entity, also of one that was deleted. */
export default function HistoryPage() {
  const [params, setParams] = useSearchParams()
  const entity = params.get('entity') ?? ''
  const [text, setText] = useState(entity)
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="Who changed an entity, when and how, since it was made. Also of one that was deleted.">
        History
      </Header>
      <Container>
        <form
          onSubmit={e => {
            e.preventDefault()
            setParams({ entity: text.trim() })
          }}
        >
          <FormField label="Entity" description="An ARN, or a unique id such as AIDA… of a user or AROA… of a role." stretch secondaryControl={<Button formAction="submit">Show</Button>}>
            <Input value={text} onChange={e => setText(e.detail.value)} placeholder="arn:aws:iam::111122223333:user/alice" disableBrowserAutocorrect />
          </FormField>
        </form>
      </Container>
      {entity && <History key={entity} entity={entity} />}
    </SpaceBetween>
  )
}
