import Button from '@cloudscape-design/components/button'
import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown'
import TopNavigation from '@cloudscape-design/components/top-navigation'
import { useNavigate } from 'react-router'
import './header.css'
import { choose, type Choice } from './mode'
import { useTell } from './notices'
import { Search } from './Search'
import { post, principalName, switchTo, useSession, type Session } from './session'
import { date } from './time'

/** Header says who is signed in, to which account and as which role, and searches. */
export function Header() {
  const session = useSession()
  const navigate = useNavigate()
  const tell = useTell()
  const act: Record<string, () => void> = {
    copy: () =>
      void navigator.clipboard.writeText(session.account).then(
        () => tell({ type: 'success', content: `Account ID ${session.account} copied.` }),
        () => tell({ type: 'info', content: `The browser does not let it be copied. The account ID is ${session.account}.` }),
      ),
    credentials: () => navigate('/security-credentials'),
    sessions: () => navigate('/sessions'),
    exit: () => void post('/signin/exitrole', '/console/'),
    out: () => void post('/signin/signout', '/signin'),
  }
  session.remembered.forEach((r, i) => (act[`role-${i}`] = () => void switchTo(r)))
  return (
    <div id="header">
      <TopNavigation
        identity={{ href: '/console/', title: 'Sallyport', logo: { src: '/console/icon.svg', alt: 'Sallyport' }, onFollow: e => (e.preventDefault(), navigate('/')) }}
        search={<Search />}
        utilities={[
          {
            type: 'menu-dropdown',
            iconName: 'settings',
            ariaLabel: 'Appearance',
            title: 'Appearance',
            items: [
              { id: 'system', text: 'As the system' },
              { id: 'light', text: 'Light' },
              { id: 'dark', text: 'Dark' },
            ],
            onItemClick: e => choose(e.detail.id as Choice),
          },
          {
            type: 'menu-dropdown',
            iconName: session.role ? 'user-profile-active' : 'user-profile',
            text: `${principalName(session.signedIn)} @ ${session.alias ?? session.account}`,
            title: principalName(session.arn),
            description: session.arn,
            items: menu(session),
            onItemClick: e => act[e.detail.id]?.(),
          },
        ]}
        i18nStrings={{
          overflowMenuTriggerText: 'More',
          overflowMenuTitleText: 'All',
          overflowMenuBackIconAriaLabel: 'Back',
          overflowMenuDismissIconAriaLabel: 'Close',
          searchIconAriaLabel: 'Search',
          searchDismissIconAriaLabel: 'Close the search',
        }}
      />
      <RoleMark />
    </div>
  )
}

function menu(session: Session): ButtonDropdownProps.Items {
  const root = session.signedIn.endsWith(':root')
  const items: ButtonDropdownProps.ItemOrGroup[] = [
    { id: 'copy', text: `Account ID: ${session.account}`, secondaryText: session.alias ? `${session.alias} – copy the ID` : 'Copy the ID', iconName: 'copy' },
    { id: 'credentials', text: 'Security credentials', iconName: 'key' },
    { id: 'sessions', text: 'Sessions', iconName: 'multiscreen' },
  ]
  if (!root) {
    const roles = session.remembered.map((r, i) => ({ id: `role-${i}`, text: r.displayName || `${r.roleName} @ ${r.account}`, secondaryText: r.displayName && `${r.roleName} @ ${r.account}` }))
    items.push({
      id: 'roles',
      text: 'Roles',
      items: [...roles, { id: 'switch', text: 'Switch role', href: '/signin/switchrole' }, ...(session.role ? [{ id: 'exit', text: `Switch back to ${principalName(session.signedIn)}`, iconName: 'undo' as const }] : [])],
    })
  }
  items.push({ id: 'out', text: 'Sign out' })
  return items
}

/** RoleMark is there on every page while a role is taken on, in the colour it was given. */
function RoleMark() {
  const { role, signedIn } = useSession()
  if (!role) return null
  return (
    <div className={`role-mark ${role.color ?? ''}`} role="status">
      <span>
        You act as the role <strong>{role.displayName || role.roleName}</strong> in account {role.account} until {date(new Date(role.until * 1000))}.
      </span>
      <Button onClick={() => void post('/signin/exitrole', '/console/')}>Switch back to {principalName(signedIn)}</Button>
    </div>
  )
}
