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
  { path: '/users/:name', name: '', page: lazy(() => import('../pages/users/User')) },
  { path: '*', name: 'Not found', page: lazy(() => import('../pages/NotFound')) },
]

/** crumbs lead from the dashboard to a page. */
export function crumbs(path: string): { text: string; href: string }[] {
  const parts = path.split('/').filter(p => p !== '')
  const all = [{ text: 'Sallyport', href: '/console/' }]
  let sofar = ''
  for (const part of parts) {
    sofar += '/' + part
    const known = routes.find(r => r.path === sofar)
    all.push({ text: known?.name || decodeURIComponent(part), href: '/console' + sofar })
  }
  return all
}
