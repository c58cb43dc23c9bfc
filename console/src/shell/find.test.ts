import { expect, test } from 'vitest'
import { find, rank, type Entry } from './find'

const user = (name: string, path = '/'): Entry => ({ kind: 'Users', name, detail: `arn:aws:iam::111122223333:user${path}${name}`, more: `AIDA${name.toUpperCase()} ${path}`, to: `/users/${name}` })
const policy = (name: string): Entry => ({ kind: 'Policies', name, detail: `arn:aws:iam::aws:policy/${name}`, to: `/policies/details?arn=${name}` })
const all = [user('malice'), user('alice-admin'), user('alice'), user('bob', '/alice/'), user('carol'), policy('AliceBoundary'), policy('AdministratorAccess')]

test('names come before what only holds the word', () => {
  const groups = find(all, 'Alice')
  expect(groups.map(g => g.kind)).toEqual(['Users', 'Policies'])
  expect(groups[0]?.found.map(e => e.name)).toEqual(['alice', 'alice-admin', 'malice', 'bob'])
})

test('ids, paths and ARNs are found', () => {
  expect(find(all, 'AIDACAROL')[0]?.found[0]?.name).toBe('carol')
  expect(find(all, 'arn:aws:iam::111122223333:user/alice/bob')[0]?.found.map(e => e.name)).toEqual(['bob'])
})

test('the kind with the best answer comes first, and an id or ARN is as good as a name', () => {
  const role: Entry = { kind: 'Roles', name: 'carol', detail: 'arn:aws:iam::111122223333:role/carol', more: 'AROACAROL /', to: '/roles/carol' }
  const page: Entry = { kind: 'Pages', name: 'Carolling', detail: 'x', to: '/' }
  expect(find([page, user('carol-2'), role], 'carol').map(g => g.kind)).toEqual(['Roles', 'Pages', 'Users'])
  expect(find([user('arolcarol'), role], 'AROACAROL')[0]?.found[0]?.to).toBe('/roles/carol')
  expect(find([{ ...user('x'), name: role.detail + '-2' }, role], role.detail)[0]?.kind).toBe('Roles')
})

test('every word must be there', () => {
  expect(find(all, 'alice admin')[0]?.found.map(e => e.name)).toEqual(['alice-admin'])
  expect(rank(user('alice'), ['alice', 'zebra'])).toBeUndefined()
})

test('a few of many are shown, and all are counted', () => {
  const many = Array.from({ length: 5000 }, (_, i) => user(`user-${i}`))
  const groups = find(many, 'user-4')
  expect(groups[0]?.found.length).toBe(6)
  expect(groups[0]?.found[0]?.name).toBe('user-4')
  expect(groups[0]?.all).toBe(1111)
})

test('nothing is asked for without a word', () => {
  expect(find(all, '  ')).toEqual([])
})
