import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { iam, named, policyPage } from '../api/iam'
import { Ask, Bulk } from '../shell/Confirm'
import { Link } from '../shell/Link'
import { Panel } from '../shell/Panel'
import { useTell } from '../shell/notices'
import { ChoosePolicy, type Chosen } from './ChoosePolicies'

/** Boundary is the permissions boundary of a user or role. */
export function Boundary({ kind, name, arn, changed }: { kind: 'User' | 'Role'; name: string; arn?: string; changed: () => void }) {
  const tell = useTell()
  const [dialog, setDialog] = useState<'set' | 'remove'>()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const target = named(kind, name)
  return (
    <>
      <Panel
        title="Permissions boundary"
        what="permissions boundary"
        description="A boundary limits what the policies above can allow; it allows nothing by itself."
        loaded={{ value: arn ? [arn] : [], loading: false, reload: () => {} }}
        id={a => a}
        columns={[{ header: 'Policy', cell: a => <Link to={policyPage(a)}>{a}</Link> }]}
        buttons={
          <>
            {arn && <Button onClick={() => setDialog('remove')}>Remove boundary</Button>}
            <Button onClick={() => setDialog('set')}>{arn ? 'Change boundary' : 'Set boundary'}</Button>
          </>
        }
      />
      {dialog === 'remove' && (
        <Bulk
          title="Remove permissions boundary?"
          submit="Remove boundary"
          one="the boundary of"
          names={[name]}
          act={() => iam(`Delete${kind}PermissionsBoundary`, target)}
          close={() => setDialog(undefined)}
          done={() => {
            tell({ type: 'success', content: 'Permissions boundary removed.' })
            changed()
          }}
        >
          All that the policies of {name} allow is allowed from then on.
        </Bulk>
      )}
      {dialog === 'set' && (
        <Ask
          title="Set permissions boundary"
          submit="Set boundary"
          ready={chosen?.value !== undefined}
          close={() => setDialog(undefined)}
          act={async () => {
            await iam(`Put${kind}PermissionsBoundary`, { ...target, PermissionsBoundary: chosen?.value })
            tell({ type: 'success', content: 'Permissions boundary set.' })
            changed()
          }}
        >
          <FormField label="Policy">
            <ChoosePolicy chosen={chosen} set={setChosen} label="Policy" placeholder="Choose a policy" />
          </FormField>
        </Ask>
      )}
    </>
  )
}

/** ChooseBoundary is the choice of a boundary for what is to be created. */
export function ChooseBoundary({ of, chosen, set }: { of: 'user' | 'role'; chosen: Chosen | null; set: (o: Chosen | null) => void }) {
  return (
    <Container header={<Header variant="h2" description={`The most that the ${of}'s policies can ever allow.`}>Permissions boundary – optional</Header>}>
      <SpaceBetween size="s">
        <ChoosePolicy chosen={chosen} set={set} label="Permissions boundary" placeholder="No permissions boundary" />
        {chosen && <Button onClick={() => set(null)}>Clear</Button>}
      </SpaceBetween>
    </Container>
  )
}
