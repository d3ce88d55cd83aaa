import { formatOf } from '../app.ts'
import { upstreamUrl } from '../lib/upstream-url.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { clientMachine } from './client-machine.ts'
import { WrongCall, type Arguments, type Command, type Process } from './command.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { upstreamsPath, wishFrom, wishOptions, type ShownUpstream } from './upstream-options.ts'

export const upstreamAdd: Command = {
  name: 'upstream add',
  summary: 'let registries fill from one elsewhere',
  usage: `<format> --url <url> | --from-client ${placeUsage}`,
  help: `Adds an upstream of a format to a group or project, or (for administrators) to the whole instance, on the server
ENTREPOT_URL with the token in ENTREPOT_TOKEN. --from-client takes the address that the client on this machine gets its
packages from now, and prints it. A password comes with --username from --password-file, a bearer token from
--token-file; - is standard input. --include and --exclude hold patterns of names and may be repeated; --ttl is a
duration such as 10m, --max-bytes a size such as 50GB.

  entrepot upstream add npm --from-client --group acme`,
  options: { ...placeOptions, url: { type: 'string' }, 'from-client': { type: 'boolean' }, ...wishOptions },
  positionals: ['<format>'],
  async run(args, process) {
    const path = upstreamsPath(args)
    const client = restClient(process)
    const [format = ''] = args.positionals
    const url = await addressFrom(args, process, format)
    const body = { format, url, ...(await wishFrom(args, process)) }
    const made: ShownUpstream = await client.post(path, body)
    if (args.values.json) process.out(JSON.stringify(made))
    else process.out(`upstream ${made.id} was added: ${made.name}, ${made.url}`)
  },
}

async function addressFrom({ values }: Arguments, process: Process, formatId: string): Promise<string> {
  const { url, 'from-client': fromClient } = values as { url?: string; 'from-client'?: boolean }
  if ((url === undefined) === !fromClient) throw new WrongCall('name either --url <url> or --from-client')
  if (url !== undefined) return url
  const format = formatOf(formatId)
  if (!format) throw new WrongCall(`there is no format ${formatId}`)
  const found = await format.upstream?.clientAddress?.(clientMachine(process))
  if (found === undefined) {
    throw new StartRefused(
      `no client of ${format.title} on this machine says where it gets packages: use --url`,
    )
  }
  refuseOurselves(found, process)
  // To standard error, so that --json stays what it is.
  process.err(`the client of ${format.title} on this machine uses ${withoutSecrets(found)}`)
  return found
}

/** A client that asks us already would make us ask ourselves. */
function refuseOurselves(address: string, { env }: Process): void {
  const [asked, ours] = [upstreamUrl(address), upstreamUrl(env['ENTREPOT_URL'] ?? '')]
  if (!asked || !ours || !`${asked}/`.startsWith(`${ours}/`)) return
  throw new StartRefused(`the client on this machine uses this server already (${asked}): use --url`)
}

function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}
