import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import Select from '@cloudscape-design/components/select'
import { call, pages, size } from '../../api/client'
import type { Group, User } from '../../api/iam.gen'
import { useLoad } from '../../api/load'
import { Failure } from '../../shell/Failure'
import type { Chosen } from '../../entity/ChoosePolicies'

/** ChooseGroups is the choice of the account's groups. */
export function ChooseGroups({ chosen, set, without }: { chosen: readonly MultiselectProps.Option[]; set: (o: readonly MultiselectProps.Option[]) => void; without?: string[] }) {
  const groups = useLoad<Group[]>(show => pages(Marker => call('iam', 'ListGroups', { Marker, MaxItems: size(Marker) }), o => o.Groups, show), [])
  if (groups.error) return <Failure error={groups.error} what="groups" retry={groups.reload} />
  return (
    <Multiselect
      selectedOptions={chosen}
      onChange={e => set(e.detail.selectedOptions)}
      options={(groups.value ?? []).filter(g => !without?.includes(g.GroupName)).map(g => ({ value: g.GroupName, label: g.GroupName, description: g.Arn }))}
      statusType={groups.loading ? 'loading' : 'finished'}
      loadingText="Loading groups"
      filteringType="auto"
      filteringAriaLabel="Search groups"
      virtualScroll
      placeholder="Choose groups"
      empty="No other groups"
      ariaLabel="Groups"
      deselectAriaLabel={o => `Leave out ${o.label}`}
    />
  )
}

function useUsers() {
  return useLoad<User[]>(show => pages(Marker => call('iam', 'ListUsers', { Marker, MaxItems: size(Marker) }), o => o.Users, show), [])
}

/** ChooseUsers is the choice of users. */
export function ChooseUsers({ chosen, set, without }: { chosen: readonly MultiselectProps.Option[]; set: (o: readonly MultiselectProps.Option[]) => void; without?: string[] }) {
  const users = useUsers()
  if (users.error) return <Failure error={users.error} what="users" retry={users.reload} />
  const has = new Set(without)
  return (
    <Multiselect
      selectedOptions={chosen}
      onChange={e => set(e.detail.selectedOptions)}
      options={(users.value ?? []).filter(u => !has.has(u.UserName)).map(u => ({ value: u.UserName, label: u.UserName }))}
      statusType={users.loading ? 'loading' : 'finished'}
      loadingText="Loading users"
      filteringType="auto"
      filteringAriaLabel="Search users"
      virtualScroll
      placeholder="Choose users"
      empty="No other users"
      ariaLabel="Users"
      deselectAriaLabel={o => `Leave out ${o.label}`}
    />
  )
}

/** ChooseUser is the choice of one user. */
export function ChooseUser({ chosen, set, label }: { chosen: Chosen | null; set: (o: Chosen) => void; label: string }) {
  const users = useUsers()
  if (users.error) return <Failure error={users.error} what="users" retry={users.reload} />
  return (
    <Select
      selectedOption={chosen}
      onChange={e => set(e.detail.selectedOption)}
      options={(users.value ?? []).map(u => ({ value: u.UserName, label: u.UserName }))}
      statusType={users.loading ? 'loading' : 'finished'}
      loadingText="Loading users"
      filteringType="auto"
      filteringAriaLabel="Search users"
      virtualScroll
      placeholder="Choose a user"
      ariaLabel={label}
    />
  )
}
