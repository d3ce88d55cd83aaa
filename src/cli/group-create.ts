import type { Command } from './command.ts'
import { ownerOptions, ownerWish } from './owner-options.ts'
import { restClient } from './rest-client.ts'

export const groupCreate: Command = {
  name: 'group create',
  summary: 'make a group',
  usage: '<path>',
  help: `Makes a group on the server ENTREPOT_URL, with the token in ENTREPOT_TOKEN. A path with slashes makes it inside
the group before the last one. --visibility is private (the default), internal or public.

  entrepot group create acme --name "Acme Corporation"
  entrepot group create acme/web --visibility internal`,
  options: ownerOptions,
  positionals: ['<path>'],
  async run(args, process) {
    const rest = restClient(process)
    const { parent, body } = ownerWish(args)
    const above = parent === undefined ? {} : await rest.get(`/groups/${encodeURIComponent(parent)}`)
    const group = await rest.post('/groups', { ...body, parent_id: above.id })
    const text = `group ${group.full_path} was made (number ${group.id})`
    process.out(args.values.json ? JSON.stringify(group) : text)
  },
}
