import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link'
import { useNavigate } from 'react-router'

/** Link leads to a page of the console without loading it anew. */
export function Link({ to, ...rest }: Omit<LinkProps, 'href' | 'onFollow'> & { to: string }) {
  const navigate = useNavigate()
  return (
    <CloudscapeLink
      {...rest}
      href={'/console' + to}
      onFollow={e => {
        e.preventDefault()
        navigate(to)
      }}
    />
  )
}
