import TopNavigation from '@cloudscape-design/components/top-navigation'
import { csrf } from '../api/client'
import { choose, type Choice } from './mode'
import { principalName, useSession } from './session'

/** leave ends the session, or the role's, and goes on to a page. */
async function leave(path: string, next: string) {
  const reply = await fetch(path, { method: 'POST', headers: csrf })
  // What was refused is told where it can be done by hand.
  location.assign(reply.ok ? next : '/signin/session')
}

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
              { id: 'session', text: 'Session and password', href: '/signin/session' },
              { id: 'switch', text: 'Switch role', href: '/signin/switchrole' },
              ...(role ? [{ id: 'exitrole', text: 'Switch back' }] : []),
              { id: 'signout', text: 'Sign out' },
            ],
            onItemClick: e => {
              if (e.detail.id === 'signout') leave('/signin/signout', '/signin')
              if (e.detail.id === 'exitrole') leave('/signin/exitrole', '/console/')
            },
          },
        ]}
        i18nStrings={{ overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All' }}
      />
    </div>
  )
}
