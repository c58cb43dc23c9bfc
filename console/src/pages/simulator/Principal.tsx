import Autosuggest from '@cloudscape-design/components/autosuggest'
import FormField from '@cloudscape-design/components/form-field'
import { useContext } from 'react'
import { call, pages } from '../../api/client'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import { SessionContext } from '../../shell/session'

/** Principal is who is asked about: a user or role of the account, its root user, or a role's session by its ARN. */
export function Principal({ arn, set }: { arn: string; set: (arn: string) => void }) {
  const account = useContext(SessionContext)?.account
  const principals = useLoad(async () => {
    const [users, roles] = await Promise.all([
      pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: 1000 }), o => o.Users),
      pages(Marker => call('iam', 'ListRoles', { Marker, MaxItems: 1000 }), o => o.Roles),
    ])
    return [
      { label: 'Users', options: users.map(u => ({ value: u.Arn, label: u.UserName, description: u.Arn })) },
      { label: 'Roles', options: roles.map(r => ({ value: r.Arn, label: r.RoleName, description: r.Arn })) },
    ]
  }, [])
  const root = account ? [{ label: 'Account', options: [{ value: `arn:aws:iam::${account}:root`, label: 'Root user', description: `arn:aws:iam::${account}:root` }] }] : []
  return (
    <FormField label="Principal" description="A user, a role, the root user, or the ARN of a role's session.">
      {principals.error && <Failure error={principals.error} what="principals" retry={principals.reload} />}
      <Autosuggest
        value={arn}
        onChange={e => set(e.detail.value)}
        options={[...(principals.value ?? []), ...root]}
        statusType={principals.loading ? 'loading' : 'finished'}
        loadingText="Loading users and roles"
        enteredTextLabel={v => `Use: ${v}`}
        virtualScroll
        placeholder="arn:aws:iam::111122223333:user/alice"
        ariaLabel="Principal"
        empty="No principals"
      />
    </FormField>
  )
}
