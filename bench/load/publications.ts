import { npmPublication } from '../npm-publication.ts'
import { head } from './http-head.ts'
import { useConnection } from './keep-alive-connection.ts'
import { runLoad, type Load, type LoadJob } from './requests.ts'

export interface PublishJob extends LoadJob {
  /** Of the npm registry of one project, without a slash at the end. */
  readonly registryPath: string
  readonly token: string
  /** Names are this and a number; no two jobs may have the same. */
  readonly prefix: string
  /** Bytes. */
  readonly tarballSize: number
}

/** Publishes new names, each with one version, and afterwards asks for all that were acknowledged. */
export async function runPublications(job: PublishJob): Promise<Load> {
  let sent = 0
  const result = await runLoad(job, () => publication(job, sent++))
  await useConnection({
    port: job.port,
    expected: { status: 200 },
    next: () => (sent > 0 ? reading(job, --sent) : undefined),
    answered: () => {},
  })
  return result
}

const pathOf = ({ registryPath, prefix }: PublishJob, number: number) => `${registryPath}/${prefix}-${number}`

function publication(job: PublishJob, number: number): Buffer {
  const body = npmPublication(`${job.prefix}-${number}`, '1.0.0', job.tarballSize)
  const headers = {
    Authorization: `Bearer ${job.token}`,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
  }
  return Buffer.concat([Buffer.from(head('PUT', pathOf(job, number), headers)), body])
}

function reading(job: PublishJob, number: number): Buffer {
  return Buffer.from(head('GET', pathOf(job, number), { Authorization: `Bearer ${job.token}` }))
}
