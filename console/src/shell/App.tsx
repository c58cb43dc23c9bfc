import AppLayout from '@cloudscape-design/components/app-layout'
import Box from '@cloudscape-design/components/box'
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import Spinner from '@cloudscape-design/components/spinner'
import { Suspense, useEffect, useState } from 'react'
import { Route, Routes, useLocation, useNavigate } from 'react-router'
import { onSignedOut } from '../api/client'
import { useLoad } from '../api/load'
import { Failure } from './Failure'
import { Header } from './Header'
import { Navigation } from './Navigation'
import { Notices, NoticesProvider } from './notices'
import { crumbs, routes } from './routes'
import { SessionContext, whoami } from './session'

onSignedOut(() => {
  const back = location.pathname + location.search
  location.assign('/signin?next=' + encodeURIComponent(back))
})

export function App() {
  const session = useLoad(whoami, [])
  const location = useLocation()
  const navigate = useNavigate()
  const [open, setOpen] = useState(matchMedia('(min-width: 689px)').matches)
  const trail = crumbs(location.pathname, location.search)
  const title = trail.map(c => c.text).reverse().join(' – ')
  useEffect(() => {
    document.title = title
  }, [title])
  // On phones Cloudscape's toolbar is a nav with aria-orientation, which that role may
  // not have (WAI-ARIA 1.2, "navigation").
  useEffect(() => {
    for (const nav of document.querySelectorAll('nav[aria-orientation]')) nav.removeAttribute('aria-orientation')
  })
  if (session.error) return <Failure error={session.error} what="your session" />
  if (session.value === undefined) return <Waiting />
  return (
    <SessionContext value={session.value}>
      <NoticesProvider>
        <Header />
        <AppLayout
          headerSelector="#header"
          navigation={<Navigation />}
          navigationOpen={open}
          onNavigationChange={e => setOpen(e.detail.open)}
          toolsHide
          ariaLabels={{ navigation: 'Navigation', navigationToggle: 'Open the navigation', navigationClose: 'Close the navigation', notifications: 'Notifications' }}
          notifications={<Notices />}
          breadcrumbs={
            <BreadcrumbGroup
              ariaLabel="Breadcrumbs"
              items={trail}
              onFollow={e => {
                e.preventDefault()
                navigate(e.detail.href.replace(/^\/console/, '') || '/')
              }}
            />
          }
          content={
            <Suspense fallback={<Waiting />}>
              <Routes>
                {routes.map(r => (
                  <Route key={r.path} path={r.path} element={<r.page />} />
                ))}
              </Routes>
            </Suspense>
          }
        />
      </NoticesProvider>
    </SessionContext>
  )
}

function Waiting() {
  return (
    <Box textAlign="center" padding="xxl">
      <Spinner size="large" /> <Box variant="span">Loading</Box>
    </Box>
  )
}
