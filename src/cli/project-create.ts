import { WrongCall, type Command } from './command.ts'
import { ownerOptions, ownerWish } from './owner-options.ts'
import { restClient } from './rest-client.ts'

export const projectCreate: Command = {
  name: 'project create',
  summary: 'make a project in a group',
  usage: '<group>/<path>',
  help: `Makes a project, which holds packages, on the server ENTREPOT_URL, with the token in ENTREPOT_TOKEN.
--visibility is private (the default), internal or public; never more open than the group.

  entrepot project create acme/web/components --name "Web components"`,
  options: ownerOptions,
  positionals: ['<group>/<path>'],
  async run(args, process) {
    const { parent, body } = ownerWish(args)
    if (parent === undefined) {
      throw new WrongCall(`a project stands in a group: entrepot project create <group>/${body.path}`)
    }
    const rest = restClient(process)
    const group = await rest.get(`/groups/${encodeURIComponent(parent)}`)
    const project = await rest.post('/projects', { ...body, namespace_id: group.id })
    const text = `project ${project.path_with_namespace} was made (number ${project.id})`
    process.out(args.values.json ? JSON.stringify(project) : text)
  },
}
