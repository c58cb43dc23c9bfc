import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation'
import { useLocation, useNavigate } from 'react-router'

const items: SideNavigationProps.Item[] = [
  { type: 'link', text: 'Dashboard', href: '/console/' },
  {
    type: 'section',
    text: 'Access management',
    items: [
      { type: 'link', text: 'User groups', href: '/console/groups' },
      { type: 'link', text: 'Users', href: '/console/users' },
      { type: 'link', text: 'Roles', href: '/console/roles' },
      { type: 'link', text: 'Policies', href: '/console/policies' },
      { type: 'link', text: 'Identity providers', href: '/console/providers' },
      { type: 'link', text: 'Account settings', href: '/console/settings' },
    ],
  },
  {
    type: 'section',
    text: 'Insight',
    items: [
      { type: 'link', text: 'Activity', href: '/console/activity' },
      { type: 'link', text: 'Policy simulator', href: '/console/simulator' },
      { type: 'link', text: 'Credential report', href: '/console/credential-report' },
      { type: 'link', text: 'History', href: '/console/history' },
      { type: 'link', text: 'Service reference', href: '/console/reference' },
    ],
  },
]

export function Navigation() {
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const section = pathname.split('/')[1]
  return (
    <SideNavigation
      header={{ text: 'Identity and Access Management', href: '/console/' }}
      activeHref={section ? '/console/' + section : '/console/'}
      items={items}
      onFollow={e => {
        if (e.detail.external) return
        e.preventDefault()
        navigate(e.detail.href.replace(/^\/console/, '') || '/')
      }}
    />
  )
}
