import type { Command } from './command.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { tableLines } from './table.ts'
import { upstreamsPath, type ShownUpstream } from './upstream-options.ts'

export const upstreamList: Command = {
  name: 'upstream list',
  summary: 'list the upstreams of a group, a project or the instance',
  usage: `${placeUsage} [--format <format>]`,
  help: `Lists upstreams with their numbers, in the order in which they are asked, on the server ENTREPOT_URL with the token
in ENTREPOT_TOKEN. Without --group and --project those of the instance, for administrators.

  entrepot upstream list --group acme`,
  options: { ...placeOptions, format: { type: 'string' } },
  async run(args, process) {
    const { format } = args.values as { format?: string }
    const path = upstreamsPath(args)
    const found: ShownUpstream[] = []
    for await (const one of restClient(process).list(path, format === undefined ? {} : { format }))
      found.push(one)
    if (args.values.json) process.out(JSON.stringify(found))
    else if (found.length === 0) process.out('no upstreams')
    else for (const line of tableLines(found.map(cells))) process.out(line)
  },
}

const cells = ({ id, format, position, name, url, ...one }: ShownUpstream) => [
  String(id),
  format,
  `${position}.`,
  name,
  url,
  [
    ...(one.credential_set ? ['with a credential'] : []),
    ...(one.offline ? ['offline'] : []),
    ...(one.source === 'configuration' ? ['from entrepot.yml'] : []),
  ].join(', '),
]
