import type { Command } from './command.ts'
import { restClient } from './rest-client.ts'
import { tableLines } from './table.ts'

export const jobList: Command = {
  name: 'job list',
  summary: 'list what is done apart from requests: waiting, under way, or failed',
  usage: '[--state failed]',
  help: `Lists the jobs of the server ENTREPOT_URL, with an administrator's token in ENTREPOT_TOKEN (scope api or
read_api). --state keeps those that are waiting, running, retrying or failed, --kind those of one kind.

  entrepot job list --state failed`,
  options: { state: { type: 'string' }, kind: { type: 'string' } },
  async run({ values }, process) {
    const { state, kind } = values as Record<string, string | undefined>
    const query = { ...(state === undefined ? {} : { state }), ...(kind === undefined ? {} : { kind }) }
    const jobs: Listed[] = []
    for await (const job of restClient(process).list('/admin/jobs', query)) jobs.push(job)
    if (values.json) process.out(JSON.stringify(jobs))
    else if (jobs.length === 0) process.out('no jobs')
    else for (const line of tableLines(jobs.map(cells))) process.out(line)
  },
}

interface Listed {
  readonly id: number
  readonly kind: string
  readonly key: string
  readonly state: string
  readonly attempts: number
  readonly error: string | null
  readonly run_at: string
}

const cells = ({ id, kind, key, state, attempts, error, run_at: at }: Listed) => [
  String(id),
  key === '' ? kind : `${kind} ${key}`,
  state,
  `${at.slice(0, 16).replace('T', ' ')} UTC`,
  ...(error === null ? [] : [`attempt ${attempts}: ${error}`]),
]
