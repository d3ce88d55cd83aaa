import { programVersion } from '../lib/version.ts'
import type { Command } from './command.ts'

export const version: Command = {
  name: 'version',
  summary: 'print the version',
  help: 'Prints the version of this program and of the Node it runs on.',
  async run({ values }, { out }) {
    const words = { version: programVersion(), node: process.versions.node }
    out(values.json ? JSON.stringify(words) : `entrepot ${words.version} (Node ${words.node})`)
  },
}
