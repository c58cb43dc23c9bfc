import type { Action, Service } from './catalogue'

const action = (Name: string, level: 'List' | 'Read' | 'Write' | 'PermissionManagement', types: string[], keys: string[] = []): Action => ({
  Name,
  ActionConditionKeys: keys,
  Annotations: { Properties: { IsList: level === 'List', IsWrite: level === 'Write', IsPermissionManagement: level === 'PermissionManagement', IsTaggingOnly: false } },
  Resources: types.map(t => ({ Name: t })),
})

/** s3 is a small part of a service, for tests. */
export const s3: Service = {
  Name: 's3',
  Title: 'Amazon S3',
  Actions: [
    action('GetBucketTagging', 'Read', ['bucket']),
    action('GetObject', 'Read', ['object'], ['s3:authType']),
    action('ListAllMyBuckets', 'List', []),
    action('ListBucket', 'List', ['bucket'], ['s3:max-keys', 's3:prefix']),
    action('PutBucketPolicy', 'PermissionManagement', ['bucket']),
    action('PutObject', 'Write', ['object', 'accesspoint']),
  ],
  ConditionKeys: [
    { Name: 's3:authType', Types: ['Bool'] },
    { Name: 's3:max-keys', Types: ['Numeric'] },
    { Name: 's3:prefix', Types: ['String'] },
  ],
  Resources: [
    { Name: 'accesspoint', ARNFormats: ['arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}'] },
    { Name: 'bucket', ARNFormats: ['arn:${Partition}:s3:::${BucketName}'] },
    { Name: 'object', ARNFormats: ['arn:${Partition}:s3:::${BucketName}/${ObjectName}'] },
  ],
}
