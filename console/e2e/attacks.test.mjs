// What an attacker would have the console do to who looks at it.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { AttachRolePolicyCommand, CreateGroupCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, PutUserPolicyCommand, TagUserCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { account, admin, call, flow, iam, settled, signIn, sts, url } from './harness.mjs'

const evil = '"\'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}${7*7}'

flow('TestAttack XSS: names, paths, tags, descriptions, policies and session names are shown as text', async page => {
  const send = c => iam().send(c)
  // What IAM takes: paths have any printable character, tags and names fewer, documents and descriptions all.
  const path = '/<img/src=x/onerror=alert(1)>/"><script>alert(2)</script>/'
  await send(new CreateUserCommand({ UserName: 'mallory', Path: path, Tags: [{ Key: 'javascript:alert', Value: 'onerror=alert' }] }))
  await send(new TagUserCommand({ UserName: 'mallory', Tags: [{ Key: '=cmd', Value: '+1@x' }] }))
  await send(new CreateGroupCommand({ GroupName: 'group', Path: path }))
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'S', Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${evil}`, Condition: { StringEquals: { 's3:prefix': evil } } }] })
  await send(new PutUserPolicyCommand({ UserName: 'mallory', PolicyName: 'p', PolicyDocument: document }))
  const made = await send(new CreatePolicyCommand({ PolicyName: 'policy', PolicyDocument: document, Description: evil }))
  await send(new CreateRoleCommand({
    RoleName: 'role', Path: path, Description: '"><img src=x onerror=alert(1)><script>alert(2)</script>',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:user/admin` }, Action: 'sts:AssumeRole', Condition: { StringNotEquals: { 'sts:ExternalId': evil } } }] }),
  }))
  await send(new AttachRolePolicyCommand({ RoleName: 'role', PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' }))
  // The name of a session, as the claim of an identity provider becomes one.
  const session = await sts().send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role${path}role`, RoleSessionName: 'javascript=alert@x,.-' }))
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = session.Credentials
  await iam({ accessKeyId, secretAccessKey, sessionToken }).send(new CreateUserCommand({ UserName: 'made-by-session' }))

  await signIn(page, admin)
  const at = ['/console/', '/console/users', '/console/groups', '/console/roles', '/console/policies', '/console/credential-report', '/console/sessions',
    ...['permissions', 'groups', 'tags', 'credentials', 'history'].map(tab => `/console/users/mallory?tab=${tab}`),
    '/console/users/made-by-session?tab=history', '/console/groups/group', '/console/groups/group?tab=history',
    ...['permissions', 'trust', 'tags', 'history'].map(tab => `/console/roles/role?tab=${tab}`),
    '/console/policies/details?arn=' + encodeURIComponent(made.Policy.Arn),
    // What is in an address is no less hostile.
    '/console/users/' + encodeURIComponent(evil), '/console/policies/details?arn=' + encodeURIComponent(evil), '/console/users/mallory?tab=' + encodeURIComponent(evil),
    '/console/simulator?principal=javascript:alert(1)&action=' + encodeURIComponent(evil), '/console/' + encodeURIComponent(evil),
    '/signin/switchrole?roleName=' + encodeURIComponent(evil), '/signin?next=javascript:alert(1)',
  ]
  for (const address of at) {
    await page.goto(address)
    await settled(page)
    const planted = await page.evaluate(() => [...document.querySelectorAll('img[src="x"], script:not([src]), [onerror], a[href^="javascript:" i], iframe, form[action^="javascript:" i]')].map(e => e.outerHTML))
    assert.deepEqual(planted, [], address)
  }
  await page.goto('/console/users/mallory?tab=permissions')
  await settled(page)
  await page.getByText('user/<img/src=x/onerror=alert(1)>').first().waitFor()
})

flow('TestAttack session theft: no script reads the cookie, and the browser keeps no secret', async page => {
  await signIn(page, admin)
  await settled(page)
  for (const path of ['/console/users/admin?tab=credentials', '/console/security-credentials', '/console/users/create']) {
    await page.goto(path)
    await settled(page)
  }
  assert.equal(await page.evaluate(() => document.cookie), '')
  const cookies = await page.context().cookies()
  assert.ok(cookies.length > 0 && cookies.every(c => c.httpOnly && c.sameSite === 'Lax'), JSON.stringify(cookies))
  const kept = await page.evaluate(async () => ({
    local: Object.keys(localStorage).filter(k => k !== 'sallyport-mode'), session: { ...sessionStorage }, databases: (await indexedDB.databases()).map(d => d.name), caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }))
  assert.deepEqual(kept.session, {})
  assert.deepEqual([kept.databases, kept.caches, kept.workers], [[], [], 0])
  for (const key of kept.local) assert.doesNotMatch(await page.evaluate(k => localStorage.getItem(k), key), /AKIA|ASIA|password|secret/i)
})

/** stranger serves another site's page. */
async function stranger(html) {
  const server = createServer((_, reply) => reply.writeHead(200, { 'Content-Type': 'text/html' }).end(html))
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

flow('TestAttack CSRF: another site can neither call nor sign anybody out', async page => {
  await signIn(page, admin)
  const site = await stranger(`<form method=post action="${url}/signin/signout"><button>Out</button></form>`)
  try {
    await page.goto(site.address)
    const outcomes = await page.evaluate(async url => {
      const body = JSON.stringify({ UserName: 'planted' })
      const plain = { method: 'POST', credentials: 'include', body }
      const asked = [
        fetch(url + '/console/api/', { ...plain, headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'iam.CreateUser', 'X-Sallyport-Csrf': '1' } }),
        fetch(url + '/console/api/', { ...plain, mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }),
        fetch(url + '/console/api/', { ...plain, mode: 'no-cors', body: new URLSearchParams({ Action: 'CreateUser', Version: '2010-05-08', UserName: 'planted' }) }),
        fetch(url + '/console/api/?Action=CreateUser&Version=2010-05-08&UserName=planted', { mode: 'no-cors', credentials: 'include' }),
        fetch(url + '/signin/session', { credentials: 'include', headers: { 'X-Sallyport-Csrf': '1' } }),
      ]
      return (await Promise.allSettled(asked)).map(r => (r.status === 'rejected' ? 'refused' : `${r.value.type} ${r.value.status}`))
    }, url)
    // Nothing of an answer is readable.
    for (const o of outcomes) assert.match(o, /^(refused|opaque 0)$/)
    await page.getByRole('button', { name: 'Out' }).click()
    await page.getByText('The request came from another site. Nothing was done.').waitFor()
  } finally {
    site.close()
  }
  await page.goto('/console/users')
  await settled(page)
  assert.equal((await call(page, 'iam.GetUser', { UserName: 'planted' })).__type, 'NoSuchEntity')
  // Requests and refusals of the other site are what this test is about.
  page.problems.splice(0, page.problems.length, ...page.problems.filter(p => !p.includes(site.address) && !/CORS|Access-Control|another site/.test(p)))
})

flow('TestAttack clickjacking: no page is shown in a frame', async page => {
  await signIn(page, admin)
  const site = await stranger(['/console/', '/console/users', '/signin/session', '/signin'].map(p => `<iframe src="${url}${p}"></iframe>`).join(''))
  try {
    await page.goto(site.address)
    await page.waitForLoadState('networkidle')
    const shown = await Promise.all(page.frames().slice(1).map(f => f.evaluate(() => document.body?.innerText ?? '').catch(() => '')))
    assert.equal(page.frames().length, 5)
    for (const text of shown) assert.doesNotMatch(text, /Sallyport|Sign in|Users/)
  } finally {
    site.close()
  }
  page.problems.splice(0, page.problems.length, ...page.problems.filter(p => !p.includes(site.address) && !/frame/i.test(p)))
})

for (const next of ['https://example.com/', '//example.com/', '/\\example.com', 'javascript:alert(1)', `${url}.example.com/console/`, '/console/%2e%2e/federation?Action=logout'])
  flow(`TestAttack open redirect: signing in does not lead to ${next}`, async page => {
    await page.goto('/signin?next=' + encodeURIComponent(next))
    await page.getByLabel('Account ID or alias').fill(account)
    await page.getByLabel('User name').fill(admin.user)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(url + '/console/')
  })
