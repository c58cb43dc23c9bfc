import CloudscapeLink from '@cloudscape-design/components/link'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Sessions } from '../entity/Sessions'

/** SessionsPage is where one is signed in. */
export default function SessionsPage() {
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="Where you are signed in. End what you don't know, then change your password.">
        Sessions
      </Header>
      <Sessions
        description={
          <>
            This list needs sallyport:ListConsoleSessions and sallyport:RevokeConsoleSession on yourself. <CloudscapeLink href="/signin/session">Your session's own page</CloudscapeLink> needs neither.
          </>
        }
      />
    </SpaceBetween>
  )
}
