/**
 * The catalogue of services, in the format of AWS's service reference information
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html).
 */

/** Listed is a service of the list. */
export interface Listed {
  /** service is its prefix: "s3". */
  service: string
  /** title is its name: "Amazon S3". */
  title: string
}

export interface Action {
  Name: string
  ActionConditionKeys?: string[]
  Annotations: { Properties: { IsList: boolean; IsPermissionManagement: boolean; IsTaggingOnly: boolean; IsWrite: boolean } }
  Resources?: { Name: string }[]
}

export interface ResourceType {
  Name: string
  ARNFormats: string[]
  ConditionKeys?: string[]
}

export interface ConditionKey {
  Name: string
  /** Types are AWS's words: "String", "ArrayOfString", "ARN", "Bool", "Date", "Numeric", "IPAddress", "Binary". */
  Types: string[]
}

export interface Service {
  Name: string
  Title?: string
  Actions: Action[]
  ConditionKeys: ConditionKey[]
  Resources: ResourceType[]
}

/** Catalogue answers what there is; a service that it doesn't know is undefined. */
export interface Catalogue {
  services(): Promise<Listed[]>
  service(prefix: string): Promise<Service | undefined>
  globals(): Promise<ConditionKey[]>
}

/** levels are the access levels, in AWS's order. */
export const levels = ['List', 'Read', 'Write', 'Permissions management', 'Tagging'] as const
export type Level = (typeof levels)[number]

/** levelOf is an action's access level. */
export function levelOf(a: Action): Level {
  const p = a.Annotations.Properties
  if (p.IsPermissionManagement) return 'Permissions management'
  if (p.IsTaggingOnly) return 'Tagging'
  if (p.IsWrite) return 'Write'
  return p.IsList ? 'List' : 'Read'
}

/** fetched is a catalogue that is asked of the server, each file once. A file that could not be had is asked for again. */
export function fetched(get: (path: string) => Promise<Response> = path => fetch(path)): Catalogue {
  const files = new Map<string, Promise<unknown>>()
  const file = <T>(name: string): Promise<T> => {
    let asked = files.get(name) as Promise<T> | undefined
    if (asked === undefined) {
      asked = get('/console/reference/v1/' + name).then(async r => {
        if (!r.ok) throw new Error(`The catalogue of services could not be loaded (${r.status}).`)
        return (await r.json()) as T
      })
      asked.catch(() => files.delete(name))
      files.set(name, asked)
    }
    return asked
  }
  const services = () => file<Listed[]>('service-list.json')
  return {
    services,
    async service(prefix) {
      const known = (await services()).find(s => s.service === prefix.toLowerCase())?.service
      return known === undefined ? undefined : file<Service>(`${known}/${known}.json`)
    },
    globals: async () => (await file<Service>('aws/aws.json')).ConditionKeys,
  }
}

/** catalogue is the server's. */
export const catalogue = fetched()
