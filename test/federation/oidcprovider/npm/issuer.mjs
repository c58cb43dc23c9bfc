// An OpenID Connect issuer for tests: npm's oidc-provider behind HTTPS on loopback,
// with its own sign-in form. Settings come by the environment: ISSUER, TLS_CERT,
// TLS_KEY (PEM files), PORT, and KEYS, the names of the keys it publishes, the first
// of which sign; they are kept in files. It prints its port when it listens, and
// ends with its standard input.
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import Provider from 'oidc-provider'

const jwk = (type, options, more) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), ...more })
const keysOf = (name) => {
  const file = `keys-${name}.json`
  if (!existsSync(file)) {
    writeFileSync(file, JSON.stringify([
      jwk('rsa', { modulusLength: 2048 }, { kid: `rsa-${name}`, use: 'sig' }),
      jwk('ec', { namedCurve: 'P-256' }, { kid: `ec-${name}`, use: 'sig' }),
    ]))
  }
  return JSON.parse(readFileSync(file))
}
const tags = 'https://aws.amazon.com/tags'
const source = 'https://aws.amazon.com/source_identity'

const provider = new Provider(process.env.ISSUER, {
  clients: [
    {
      client_id: 'web-app', client_secret: 'web-app-secret', redirect_uris: ['https://app.example.com/cb'],
      grant_types: ['authorization_code'], response_types: ['code'],
    },
    {
      client_id: 'ci-job', client_secret: 'ci-job-secret', redirect_uris: [], response_types: [],
      grant_types: ['client_credentials'],
    },
  ],
  jwks: { keys: process.env.KEYS.split(',').flatMap(keysOf) },
  ttl: { IdToken: 12 * 60 * 60 },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub', tags, source], email: ['email'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, [tags]: { principal_tags: { team: ['red'] }, transitive_tag_keys: ['team'] }, [source]: id }),
  }),
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'https://sts.example.com',
      getResourceServerInfo: (_, resource) => ({ scope: 'assume', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
    },
  },
  pkce: { required: () => false },
})

const server = createServer({ cert: readFileSync(process.env.TLS_CERT), key: readFileSync(process.env.TLS_KEY) }, provider.callback())
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume().on('end', () => process.exit(0))
