import type { Command } from './command.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { upstreamPath } from './upstream-options.ts'

export const upstreamTest: Command = {
  name: 'upstream test',
  summary: 'ask an upstream once, and say how that went',
  usage: `<number> ${placeUsage}`,
  help: `Lets the server ENTREPOT_URL (token in ENTREPOT_TOKEN) ask one of its upstreams, and prints the status or that there
was no answer. The exit code is 1 where it cannot be used. \`entrepot upstream list\` shows the numbers.

  entrepot upstream test 3 --group acme`,
  options: placeOptions,
  positionals: ['<number>'],
  async run(args, process) {
    const path = upstreamPath(args)
    const trial: Trial = await restClient(process).post(`${path}/test`, {})
    const { ok, status, message } = trial
    if (args.values.json) process.out(JSON.stringify(trial))
    else process.out(status === null ? message : `${message} (${status})`)
    return ok ? 0 : 1
  },
}

interface Trial {
  readonly ok: boolean
  readonly status: number | null
  readonly message: string
}
