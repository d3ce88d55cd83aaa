import { WrongCall, type Command } from './command.ts'
import { keysPath } from './key-options.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'

export const keyRetire: Command = {
  name: 'key retire',
  summary: 'let a key sign no more',
  usage: `<number> ${placeUsage}`,
  help: `Ends a key, on the server ENTREPOT_URL with the token in ENTREPOT_TOKEN: it signs no more, and is no longer among the
public keys. The last one stays until another was added. \`entrepot key list\` shows the numbers.

  entrepot key retire 3 --group acme`,
  options: placeOptions,
  positionals: ['<number>'],
  async run(args, process) {
    const [id = ''] = args.positionals
    if (!/^[1-9]\d{0,14}$/.test(id)) throw new WrongCall(`a key is named by its number, not by ${id}`)
    await restClient(process).delete(`${keysPath(args)}/${id}`)
    process.out(
      args.values.json ? JSON.stringify({ id: Number(id), retired: true }) : `key ${id} signs no more`,
    )
  },
}
