import { useSearchParams } from 'react-router'
import { SAML } from './SAML'
import { Web } from './Web'

/** ProviderPage is the page of an identity provider; its ARN is in the query, as it holds slashes. */
export default function ProviderPage() {
  const arn = useSearchParams()[0].get('arn') ?? ''
  return arn.includes(':saml-provider/') ? <SAML arn={arn} /> : <Web arn={arn} />
}
