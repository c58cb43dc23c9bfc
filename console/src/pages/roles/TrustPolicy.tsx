import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call, document } from '../../api/client'
import type { Role } from '../../api/iam.gen'
import { pretty } from '../../entity/PolicyText'
import { PolicyEditor } from '../../policy/PolicyEditor'
import { Actions } from '../../shell/Actions'
import { Failure } from '../../shell/Failure'
import { useTell } from '../../shell/notices'

/** TrustPolicy shows and edits whom a role trusts. */
export function TrustPolicy({ role, fixed, done }: { role: Role; fixed: boolean; done: () => void }) {
  const tell = useTell()
  const before = pretty(document(role.AssumeRolePolicyDocument))
  const [text, setText] = useState<string>()
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  async function save() {
    setBusy(true)
    setError(undefined)
    try {
      await call('iam', 'UpdateAssumeRolePolicy', { RoleName: role.RoleName, PolicyDocument: text ?? '' })
      tell({ type: 'success', content: 'Trust policy updated.' })
      setText(undefined)
      done()
    } catch (e) {
      setError(e as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Whom it names may take on the role, where its conditions hold."
          actions={
            text === undefined ? (
              <Button disabled={fixed} disabledReason="The trust policy of a service-linked role can't be changed." onClick={() => setText(before)}>
                Edit trust policy
              </Button>
            ) : (
              <Actions>
                <Button
                  variant="link"
                  onClick={() => {
                    setText(undefined)
                    setError(undefined)
                  }}
                >
                  Cancel
                </Button>
                <Button variant="primary" loading={busy} disabled={text === before} onClick={save}>
                  Update policy
                </Button>
              </Actions>
            )
          }
        >
          Trusted entities
        </Header>
      }
    >
      <SpaceBetween size="m">
        {error && <Failure error={error} what="the trust policy" />}
        <PolicyEditor key={String(text === undefined)} type="trust" label="Trust policy" value={text ?? before} onChange={text === undefined ? undefined : setText} />
      </SpaceBetween>
    </Container>
  )
}
