import type { Command } from './command.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { upstreamPath } from './upstream-options.ts'

export const upstreamRemove: Command = {
  name: 'upstream remove',
  summary: 'fill from an upstream no longer',
  usage: `<number> ${placeUsage}`,
  help: `Removes an upstream, with what was kept of it, on the server ENTREPOT_URL with the token in ENTREPOT_TOKEN.
\`entrepot upstream list\` shows the numbers.

  entrepot upstream remove 3 --group acme`,
  options: placeOptions,
  positionals: ['<number>'],
  async run(args, process) {
    const path = upstreamPath(args)
    await restClient(process).delete(path)
    const id = Number(args.positionals[0])
    process.out(args.values.json ? JSON.stringify({ id, removed: true }) : `upstream ${id} was removed`)
  },
}
