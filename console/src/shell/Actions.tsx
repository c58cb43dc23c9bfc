import SpaceBetween from '@cloudscape-design/components/space-between'
import { Children, Fragment, isValidElement, type ReactNode } from 'react'

/** Actions puts buttons side by side, those of fragments too. */
export function Actions({ children }: { children: ReactNode }) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {flat(children)}
    </SpaceBetween>
  )
}

function flat(node: ReactNode): ReactNode[] {
  return Children.toArray(node).flatMap(child =>
    isValidElement<{ children?: ReactNode }>(child) && child.type === Fragment ? flat(child.props.children) : [child],
  )
}
