import { call, pages } from './client'
import type { EntityDetails, ServiceLastAccessed } from './iam.gen'

/** pause between two looks at a report in the making, in milliseconds. */
const pause = 300

export interface Report {
  /** job names the report to the calls that ask for more of it. */
  job: string
  services: ServiceLastAccessed[]
}

/** lastAccessed has the report on an entity or policy made, and waits for it. */
export async function lastAccessed(Arn: string): Promise<Report> {
  const job = (await call('iam', 'GenerateServiceLastAccessedDetails', { Arn, Granularity: 'ACTION_LEVEL' })).JobId ?? ''
  const services = await pages(
    async Marker => {
      for (;;) {
        const out = await call('iam', 'GetServiceLastAccessedDetails', { JobId: job, Marker, MaxItems: 1000 })
        if (out.JobStatus === 'COMPLETED') return out
        if (out.JobStatus === 'FAILED') throw new Error(out.Error?.Message ?? 'The report could not be made.')
        await new Promise(done => setTimeout(done, pause))
      }
    },
    out => out.ServicesLastAccessed,
  )
  return { job, services }
}

/** entitiesOf are those who used a service, or may, of a report that is made. */
export function entitiesOf(JobId: string, ServiceNamespace: string): Promise<EntityDetails[]> {
  return pages(Marker => call('iam', 'GetServiceLastAccessedDetailsWithEntities', { JobId, ServiceNamespace, Marker }), out => out.EntityDetailsList)
}

/** service puts an action's service before its name, as policies write it. */
export const service = (namespace: string, action: string | undefined): string => `${namespace}:${action ?? ''}`
