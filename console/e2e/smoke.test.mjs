import assert from 'node:assert/strict'
import { account, admin, call, flow, open, settled, signIn, signInRoot, url } from './harness.mjs'
import { test } from 'node:test'

flow('an administrator signs in and lands on the dashboard, or where they were going', async (page, another) => {
  await signIn(page, admin)
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
  await settled(page)
  await page.getByText(account, { exact: true }).first().waitFor()
  const identity = await call(page, 'sts.GetCallerIdentity')
  assert.equal(identity.Arn, `arn:aws:iam::${account}:user/admin`)

  const other = await another()
  await other.goto('/console/users/admin?tab=credentials')
  await other.getByLabel('Account ID or alias').fill(account)
  await other.getByLabel('User name').fill(admin.user)
  await other.getByLabel('Password').fill(admin.password)
  await other.getByRole('button', { name: 'Sign in' }).click()
  await other.waitForURL(url + '/console/users/admin?tab=credentials')
  await other.getByRole('heading', { name: 'Access keys' }).waitFor()
})

flow('the root user signs in, and out by the account menu', async page => {
  await signInRoot(page)
  await settled(page)
  await page.getByRole('button', { name: /root user/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL(url + '/signin')
  await page.goto('/console/users')
  await page.waitForURL(/\/signin\?next=/)
})

flow('a page whose session has ended leads to sign-in and back', async page => {
  await signIn(page, admin)
  await page.goto('/console/groups')
  await settled(page)
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Load groups again' }).click()
  await page.waitForURL(url + '/signin?next=%2Fconsole%2Fgroups')
})

flow('each page says what it is in its title and its path, also one of what is not there', async page => {
  await signIn(page, admin)
  const titled = title => page.waitForFunction(t => document.title === t, title)
  await titled('Sallyport')
  await page.getByRole('link', { name: 'Users', exact: true }).first().click()
  await titled('Users – Sallyport')
  await page.goto('/console/policies/details?arn=' + encodeURIComponent('arn:aws:iam::aws:policy/job-function/Billing'))
  await titled('Billing – Policies – Sallyport')
  await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByText('Billing').first().waitFor()
  await page.goto('/console/users/nobody')
  await page.getByText('The user with name nobody cannot be found.').waitFor()
  await page.getByRole('link', { name: 'activity about nobody' }).click()
  await titled('Activity – Sallyport')
  await page.getByText('nobody').first().waitFor()
})

test('what goes wrong in a page is noticed', async () => {
  const page = await open()
  await page.goto('/signin')
  await page.evaluate(() => {
    setTimeout(() => {
      throw new Error('on purpose')
    })
    document.body.append(Object.assign(document.createElement('img'), { src: 'https://example.com/x.png' }))
  })
  const wanted = [/an exception: Error: on purpose/, /the Content-Security-Policy refused img-src https:\/\/example.com/]
  const missing = () => wanted.filter(what => !what.test(page.problems.join('\n')))
  for (const until = Date.now() + 60_000; missing().length > 0 && Date.now() < until; ) await page.waitForTimeout(50)
  await page.context().close()
  assert.deepEqual(missing(), [], page.problems.join('\n'))
})
