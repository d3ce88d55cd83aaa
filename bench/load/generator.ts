/** The process that makes the load: it gets one job at a time as a message and answers with what came of it. */
import { runDownload, runPlainWrite, runPlainWrites, runUpload } from './big-files.ts'
import type { Expected } from './keep-alive-connection.ts'
import { runPublications } from './publications.ts'
import { runLoad, type LoadJob } from './requests.ts'

export interface ReadJob extends LoadJob {
  /** The whole request. */
  readonly request: string
  readonly expected: Expected
}

const jobs = {
  read: (job: ReadJob) => {
    const request = Buffer.from(job.request)
    return runLoad(job, () => request)
  },
  publish: runPublications,
  download: runDownload,
  upload: runUpload,
  plainWrite: runPlainWrite,
  plainWrites: runPlainWrites,
}

/** What the generator can do: the name of each job, what it takes and what it gives. */
export type Jobs = typeof jobs

export interface JobMessage {
  readonly name: keyof Jobs
  readonly job: unknown
}
export type JobReply = { readonly result: unknown } | { readonly error: string }

process.on('message', (message: JobMessage) => void work(message))

async function work({ name, job }: JobMessage): Promise<void> {
  const run = jobs[name] as (job: unknown) => Promise<unknown>
  const reply: JobReply = await run(job).then(
    (result) => ({ result }),
    (error: Error) => ({ error: String(error.stack ?? error) }),
  )
  process.send!(reply)
}
