import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Destroy } from '../../shell/Confirm'
import { useTell } from '../../shell/notices'

/** useDeletion is the button and the dialog by which a provider is deleted. */
export function useDeletion(name: string, act: () => Promise<unknown>) {
  const navigate = useNavigate()
  const tell = useTell()
  const [asking, setAsking] = useState(false)
  return {
    button: <Button onClick={() => setAsking(true)}>Delete</Button>,
    dialog: asking && (
      <Destroy
        one="provider"
        names={[name]}
        act={act}
        close={() => setAsking(false)}
        done={() => {
          tell({ type: 'success', content: `Provider ${name} deleted.` })
          navigate('/providers')
        }}
      >
        Roles that trust it can't be taken on by its identities any more.
      </Destroy>
    ),
  }
}
