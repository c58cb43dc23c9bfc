import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import type { ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { Actions } from './Actions'

/** Page is one entity's: its name, what can be done to it, a summary, and tabs that links lead to. */
export function Page(props: { title: string; actions?: ReactNode; summary?: ReactNode; tabs?: { id: string; label: string; content: ReactNode }[] }) {
  const [params, setParams] = useSearchParams()
  const tabs = props.tabs ?? []
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <Actions>{props.actions}</Actions>
        }
      >
        {props.title}
      </Header>
      {props.summary}
      {tabs.length > 0 && (
        <Tabs
          tabs={tabs}
          activeTabId={params.get('tab') ?? tabs[0]?.id}
          onChange={e => {
            params.set('tab', e.detail.activeTabId)
            setParams(params, { replace: true })
          }}
          i18nStrings={{ scrollLeftAriaLabel: 'Scroll left', scrollRightAriaLabel: 'Scroll right' }}
        />
      )}
    </SpaceBetween>
  )
}
