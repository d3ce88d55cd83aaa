import { parseSize } from '../config/sizes.ts'
import { byteAmount } from '../lib/byte-amount.ts'
import { WrongCall, type Arguments, type Command } from './command.ts'
import { restClient } from './rest-client.ts'

export const quota: Command = {
  name: 'quota',
  summary: 'show or set how much a project or group may store',
  usage: '--project <path> | --group <path> [--limit <size> | --limit none]',
  help: `Shows how much the package files of a project, or of all projects below a group, have and may have, on the server
ENTREPOT_URL with the token in ENTREPOT_TOKEN. With --limit an administrator sets it.

  entrepot quota --group acme --limit 50GB`,
  options: { project: { type: 'string' }, group: { type: 'string' }, limit: { type: 'string' } },
  async run(args, process) {
    const path = pathOf(args)
    const limit = limitOf(args)
    const rest = restClient(process)
    if (limit !== undefined) await rest.put(path, { packages_size_limit: limit })
    const { statistics } = await rest.get(`${path}?statistics=true`)
    if (args.values.json) process.out(JSON.stringify(statistics ?? null))
    else process.out(words(statistics))
  },
}

function words(
  statistics: { packages_size: number; packages_size_limit: number | null } | undefined,
): string {
  if (!statistics) return 'your role does not let you see how much is stored'
  const { packages_size: bytes, packages_size_limit: limit } = statistics
  return `${byteAmount(bytes)} of ${limit === null ? 'any amount' : byteAmount(limit)}`
}

function pathOf({ values }: Arguments): string {
  const { project, group } = values as Record<string, string | undefined>
  if ((project === undefined) === (group === undefined))
    throw new WrongCall('name either --project <path> or --group <path>')
  return project === undefined
    ? `/groups/${encodeURIComponent(group!)}`
    : `/projects/${encodeURIComponent(project)}`
}

/** Undefined: it is not to be changed. */
function limitOf({ values: { limit } }: Arguments): number | null | undefined {
  if (limit === undefined) return undefined
  if (limit === 'none') return null
  const bytes = parseSize(limit)
  if (bytes === undefined)
    throw new WrongCall(`--limit is a size such as 50GB, or none, not ${String(limit)}`)
  return bytes
}
