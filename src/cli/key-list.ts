import type { Command } from './command.ts'
import { keysPath, type ShownKey } from './key-options.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { tableLines } from './table.ts'

export const keyList: Command = {
  name: 'key list',
  summary: 'list the keys that sign the indexes of a group, a project or the instance',
  usage: `${placeUsage} [--format <format>]`,
  help: `Lists signing keys with their numbers, retired ones too, on the server ENTREPOT_URL with the token in ENTREPOT_TOKEN.
Without --group and --project those of the instance, for administrators. --json shows the public keys as well.

  entrepot key list --group acme`,
  options: { ...placeOptions, format: { type: 'string' } },
  async run(args, process) {
    const { format } = args.values as { format?: string }
    const path = keysPath(args)
    const found: ShownKey[] = []
    for await (const one of restClient(process).list(path, format === undefined ? {} : { format }))
      found.push(one)
    if (args.values.json) process.out(JSON.stringify(found))
    else if (found.length === 0) process.out('no keys')
    else for (const line of tableLines(found.map(cells))) process.out(line)
  },
}

const cells = ({ id, format, fingerprint, source, retired_at: retired }: ShownKey) => [
  String(id),
  format,
  fingerprint,
  source,
  retired === null ? 'signs' : `retired ${retired.slice(0, 10)}`,
]
