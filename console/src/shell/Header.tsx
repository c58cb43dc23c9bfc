import TopNavigation from '@cloudscape-design/components/top-navigation'
import { choose, type Choice } from './mode'
import { principalName, useSession } from './session'

/** Header says who is signed in, and to which account. */
export function Header() {
  const session = useSession()
  const role = session.arn.includes(':assumed-role/')
  return (
    <div id="header">
      <TopNavigation
        identity={{ href: '/console/', title: 'Sallyport', logo: { src: '/console/icon.svg', alt: 'Sallyport' } }}
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
            iconName: role ? 'user-profile-active' : 'user-profile',
            text: `${principalName(session.arn)} @ ${session.alias ?? session.account}`,
            description: session.arn,
            items: [
              { id: 'account', text: `Account ${session.account}`, disabled: true },
              { id: 'switch', text: 'Switch role', href: '/signin/switchrole' },
              { id: 'signout', text: 'Sign out', href: '/signin/signout' },
            ],
          },
        ]}
        i18nStrings={{ overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All' }}
      />
    </div>
  )
}
