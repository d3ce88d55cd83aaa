import { WrongCall, type Command } from './command.ts'
import { restClient } from './rest-client.ts'

export const jobRetry: Command = {
  name: 'job retry',
  summary: 'run a job now instead of at its time',
  usage: '<number>',
  help: `Lets a job of the server ENTREPOT_URL run now, with an administrator's token in ENTREPOT_TOKEN (scope api).
Failed jobs are tried again by themselves, later each time; this is for when the cause is gone.

  entrepot job retry 42`,
  positionals: ['<number>'],
  async run({ values, positionals }, process) {
    const [number = ''] = positionals
    if (!/^\d+$/.test(number))
      throw new WrongCall(`a job has a number, as \`entrepot job list\` shows: ${number}`)
    const job = await restClient(process).post(`/admin/jobs/${number}/retry`, {})
    process.out(values.json ? JSON.stringify(job) : `job ${job.id} (${job.kind}) runs now`)
  },
}
