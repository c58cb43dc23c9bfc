import { lazy, type ComponentType } from 'react'

interface Page {
  /** path is below /console, as react-router writes it. */
  path: string
  /** name is the page's in breadcrumbs; of an entity's page, its own name is taken. */
  name: string
  page: ComponentType
}

/** routes are the console's pages. Each is loaded when it is first opened. */
export const routes: Page[] = [
  { path: '/', name: 'Dashboard', page: lazy(() => import('../pages/Dashboard')) },
  { path: '/users', name: 'Users', page: lazy(() => import('../pages/users/Users')) },
  { path: '/users/create', name: 'Create user', page: lazy(() => import('../pages/users/CreateUser')) },
  { path: '/users/:name', name: '', page: lazy(() => import('../pages/users/User')) },
  { path: '/groups', name: 'User groups', page: lazy(() => import('../pages/groups/Groups')) },
  { path: '/groups/:name', name: '', page: lazy(() => import('../pages/groups/Group')) },
  { path: '/roles', name: 'Roles', page: lazy(() => import('../pages/roles/Roles')) },
  { path: '/roles/create', name: 'Create role', page: lazy(() => import('../pages/roles/CreateRole')) },
  { path: '/roles/:name', name: '', page: lazy(() => import('../pages/roles/Role')) },
  { path: '/policies', name: 'Policies', page: lazy(() => import('../pages/policies/Policies')) },
  { path: '/policies/create', name: 'Create policy', page: lazy(() => import('../pages/policies/CreatePolicy')) },
  { path: '/policies/edit', name: 'Edit policy', page: lazy(() => import('../pages/policies/EditPolicy')) },
  { path: '/policies/details', name: 'Policy', page: lazy(() => import('../pages/policies/PolicyPage')) },
  { path: '/providers', name: 'Identity providers', page: lazy(() => import('../pages/providers/Providers')) },
  { path: '/providers/details', name: 'Provider', page: lazy(() => import('../pages/providers/Provider')) },
  { path: '/activity', name: 'Activity', page: lazy(() => import('../pages/activity/Activity')) },
  { path: '/credential-report', name: 'Credential report', page: lazy(() => import('../pages/CredentialReport')) },
  { path: '/history', name: 'History', page: lazy(() => import('../pages/HistoryPage')) },
  { path: '/simulator', name: 'Policy simulator', page: lazy(() => import('../pages/simulator/Simulator')) },
  { path: '/reference', name: 'Service reference', page: lazy(() => import('../pages/reference/Services')) },
  { path: '/reference/:service', name: '', page: lazy(() => import('../pages/reference/Service')) },
  { path: '/settings', name: 'Account settings', page: lazy(() => import('../pages/settings/Settings')) },
  { path: '/security-credentials', name: 'My security credentials', page: lazy(() => import('../pages/SecurityCredentials')) },
  { path: '/sessions', name: 'Sessions', page: lazy(() => import('../pages/Sessions')) },
  { path: '*', name: 'Not found', page: lazy(() => import('../pages/NotFound')) },
]

/** crumbs lead from the dashboard to a page. An entity that an ARN in the address names is called by its name. */
export function crumbs(path: string, search: string): { text: string; href: string }[] {
  const parts = path.split('/').filter(p => p !== '')
  const all = [{ text: 'Sallyport', href: '/console/' }]
  let sofar = ''
  for (const part of parts) {
    sofar += '/' + part
    const known = routes.find(r => r.path === sofar)
    all.push({ text: known?.name || decoded(part), href: '/console' + sofar })
  }
  const entity = new URLSearchParams(search).get('arn')
  if (entity && parts.at(-1) === 'details') all.at(-1)!.text = entity.replace(/^.*?provider\/|^.*\//, '')
  return all
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
