import { WrongCall, type Command } from './command.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { upstreamPath, wishFrom, wishOptions, type ShownUpstream } from './upstream-options.ts'

export const upstreamSet: Command = {
  name: 'upstream set',
  summary: 'change an upstream',
  usage: `<number> ${placeUsage} [options]`,
  help: `Changes what the options say of an upstream, on the server ENTREPOT_URL with the token in ENTREPOT_TOKEN; the rest
stays. The options are those of \`entrepot upstream add\`; --no-offline and the like switch off again, and none takes a
limit away. Another address is another upstream: it gets a number of its own, and its credential only goes with it where
the server is the same.

  entrepot upstream set 3 --group acme --offline`,
  options: {
    ...placeOptions,
    url: { type: 'string' },
    ...wishOptions,
    'no-credential': { type: 'boolean' },
    'no-offline': { type: 'boolean' },
    'no-anonymous-fill': { type: 'boolean' },
    'no-mixes': { type: 'boolean' },
  },
  positionals: ['<number>'],
  async run(args, process) {
    const path = upstreamPath(args)
    const { url, 'no-credential': dropsCredential } = args.values
    const wish = {
      ...(url === undefined ? {} : { url }),
      ...(dropsCredential ? { token: null } : {}),
      ...(await wishFrom(args, process)),
    }
    if (Object.keys(wish).length === 0) throw new WrongCall('say with an option what is to change')
    const client = restClient(process)
    const before: ShownUpstream = await client.get(path)
    const changed: ShownUpstream = await client.patch(path, wish)
    if (args.values.json) process.out(JSON.stringify(changed))
    else for (const line of wordsOf(before, changed)) process.out(line)
  },
}

function wordsOf(before: ShownUpstream, changed: ShownUpstream): string[] {
  const isNew = before.id !== changed.id
  const lost = isNew && before.credential_set && !changed.credential_set
  return [
    isNew
      ? `upstream ${before.id} is now upstream ${changed.id}: ${changed.name}, ${changed.url}`
      : `upstream ${changed.id} was changed`,
    ...(lost ? ['it has no credential any more: the old one is never sent to another server'] : []),
  ]
}
