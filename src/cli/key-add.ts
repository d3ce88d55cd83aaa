import { WrongCall, type Command } from './command.ts'
import { keysPath, type ShownKey } from './key-options.ts'
import { placeOptions, placeUsage } from './place-options.ts'
import { restClient } from './rest-client.ts'
import { secretFrom } from './secret-file.ts'

export const keyAdd: Command = {
  name: 'key add',
  summary: 'let a further key sign the indexes of a group, a project or the instance',
  usage: `--format <format> ${placeUsage} [--private-key <file> [--passphrase-file <file>]]`,
  help: `Adds a key that signs beside those that are there, until they are retired, on the server ENTREPOT_URL with the token
in ENTREPOT_TOKEN. The server makes the key, or takes the one in --private-key (armored, as gpg --armor
--export-secret-keys writes it), which its passphrase in --passphrase-file opens; - is standard input.

  entrepot key add --format debian --group acme`,
  options: {
    ...placeOptions,
    format: { type: 'string' },
    'private-key': { type: 'string' },
    'passphrase-file': { type: 'string' },
  },
  async run(args, process) {
    const values = args.values as Readonly<Record<string, string | undefined>>
    const { format, 'private-key': keyFile, 'passphrase-file': passphraseFile } = values
    if (format === undefined) throw new WrongCall('name the format with --format <format>')
    if (keyFile === undefined && passphraseFile !== undefined)
      throw new WrongCall('--passphrase-file belongs to --private-key')
    if (keyFile === '-' && passphraseFile === '-')
      throw new WrongCall('standard input holds the private key or its passphrase, not both')
    const path = keysPath(args)
    const wish = {
      format,
      ...(keyFile === undefined ? {} : { private_key: await secretFrom(keyFile, process) }),
      ...(passphraseFile === undefined ? {} : { passphrase: await secretFrom(passphraseFile, process) }),
    }
    const made: ShownKey = await restClient(process).post(path, wish)
    if (args.values.json) process.out(JSON.stringify(made))
    else process.out(`key ${made.id} was added: ${made.fingerprint}`)
  },
}
