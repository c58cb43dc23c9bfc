import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect } from 'react'
import { useLocation } from 'react-router'
import { Alias } from './Alias'
import { Outbound } from './Outbound'
import { Passwords } from './Passwords'
import { Tokens } from './Tokens'

/** Settings are what holds for the whole account. Links lead to each by its id. */
export default function Settings() {
  const { hash } = useLocation()
  useEffect(() => document.getElementById(hash.slice(1))?.scrollIntoView(), [hash])
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Account settings</Header>
      <div id="passwords">
        <Passwords />
      </div>
      <div id="alias">
        <Alias />
      </div>
      <div id="sts">
        <Tokens />
      </div>
      <div id="federation">
        <Outbound />
      </div>
    </SpaceBetween>
  )
}
