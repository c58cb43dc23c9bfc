import { expect, test } from 'vitest'
import { rowsOf } from '../api/credentialReport'
import { attention, authorizations, passwords, permissions, stars } from './attention'

const now = new Date('2026-06-01T00:00:00Z')
const header =
  'user,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n'

test('a sound account needs no attention', () => {
  const report = header + '<root_account>,2026-05-01T00:00:00Z,true,no_information,true,false,N/A,N/A,false,N/A,N/A\nalice,2026-05-01T00:00:00Z,true,2026-05-31T00:00:00Z,true,true,2026-05-01T00:00:00Z,2026-05-31T00:00:00Z,false,N/A,N/A\n'
  expect(attention(rowsOf(report), now)).toEqual([])
})

test('each of AWS’s warnings is found', () => {
  const report =
    header +
    '<root_account>,2026-01-01T00:00:00Z,true,no_information,false,true,2026-01-01T00:00:00Z,N/A,false,N/A,N/A\n' +
    'bob,2025-01-01T00:00:00Z,true,2025-02-01T00:00:00Z,false,true,2025-01-01T00:00:00Z,N/A,false,N/A,N/A\n'
  const found = attention(rowsOf(report), now)
  expect(found.map(f => f.text)).toEqual([
    'The root user has no MFA device.',
    'The root user has access keys.',
    '1 user with console access and without MFA.',
    '1 access key older than 90 days.',
    '1 access key never used.',
    '1 user not active for 90 days.',
  ])
  expect(found[3]?.places).toEqual([{ text: 'bob', to: '/users/bob?tab=credentials' }])
})

test('quoted fields are read', () => {
  expect(rowsOf('a,b\r\n"x, ""y""","1\n2"\r\n')).toEqual([{ a: 'x, "y"', b: '1\n2' }])
})

test('of many, three are named and the rest are counted', () => {
  const line = (name: string) => `${name},2026-05-01T00:00:00Z,true,2026-05-31T00:00:00Z,false,false,N/A,N/A,false,N/A,N/A\n`
  const found = attention(rowsOf(header + ['a', 'b', 'c', 'd', 'e'].map(line).join('')), now)
  expect(found[0]?.places.map(p => p.text)).toEqual(['a', 'b', 'c', 'and 2 more'])
})

test('policies with a star are found', () => {
  const policy = (s: object) => JSON.stringify({ Version: '2012-10-17', Statement: s })
  expect(stars(policy({ Effect: 'Allow', Action: '*', Resource: '*' }))).toBe('everything')
  expect(stars(policy([{ Effect: 'Allow', NotAction: 'iam:*', Resource: ['*'] }]))).toBe('everything')
  expect(stars(policy([{ Effect: 'Allow', Action: ['s3:GetObject', 'ec2:*'], Resource: '*' }]))).toBe('service')
  expect(stars(policy([{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::amzn-s3-demo-bucket' }]))).toBeUndefined()
  expect(stars(policy([{ Effect: 'Deny', Action: '*', Resource: '*' }]))).toBeUndefined()
  expect(stars('not JSON')).toBeUndefined()
})

test('roles and policies that nobody needs are found', () => {
  const long = Date.parse('2025-06-01') / 1000
  const recent = Date.parse('2026-05-20') / 1000
  const everything = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })
  const found = authorizations(
    {
      UserDetailList: [{ UserName: 'alice', UserPolicyList: [{ PolicyName: 'all', PolicyDocument: everything }] }],
      RoleDetailList: [
        { RoleName: 'never', CreateDate: long, RoleLastUsed: {} },
        { RoleName: 'lately', CreateDate: long, RoleLastUsed: { LastUsedDate: recent } },
        { RoleName: 'new', CreateDate: recent },
        { RoleName: 'linked', Path: '/aws-service-role/x.amazonaws.com/', CreateDate: long },
      ],
      Policies: [
        { PolicyName: 'spare', Arn: 'arn:aws:iam::111122223333:policy/spare', CreateDate: long, AttachmentCount: 0 },
        { PolicyName: 'used', Arn: 'arn:aws:iam::111122223333:policy/used', CreateDate: long, AttachmentCount: 1 },
      ],
    },
    now,
  )
  expect(found.map(f => [f.text, f.places.map(p => p.text).join()])).toEqual([
    ["1 policy of the account allows everything on all resources.", 'all of alice'],
    ['1 role not used for 90 days.', 'never'],
    ['1 policy attached to nothing for 90 days or more.', 'spare'],
  ])
})

test('permissions that nobody uses are found', () => {
  const policy = { text: 'p', to: '/p' }
  const service = (ServiceName: string, at?: string) => ({ ServiceName, LastAuthenticated: at && Date.parse(at) / 1000 })
  const reached = [service('Amazon S3', '2026-05-30'), service('Amazon EC2', '2025-05-30'), service('AWS Lambda')] as { ServiceName: string; LastAuthenticated?: number }[]
  expect(permissions(policy, reached, now)).toEqual([{ severity: 'low', text: 'Permissions not used for 90 days: Amazon EC2, AWS Lambda.', places: [policy] }])
  expect(permissions(policy, [reached[0]!], now)).toEqual([])
})

test('a weak password policy is found', () => {
  expect(passwords(undefined)).toEqual([])
  expect(passwords({ MinimumPasswordLength: 6 })[0]?.severity).toBe('medium')
  expect(passwords({ MinimumPasswordLength: 10 })[0]?.severity).toBe('low')
  expect(passwords({ MinimumPasswordLength: 14 })).toEqual([])
})
