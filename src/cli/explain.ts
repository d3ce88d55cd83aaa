import { WrongCall, type Command } from './command.ts'
import { restClient } from './rest-client.ts'
import { tableLines } from './table.ts'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'say who answers for a name in a registry, and who does not, and why',
  usage: '<format> <name> [--version <version>] [--group <path> | --project <path>]',
  help: `Says who answers for a name in the registry of a group, a project or (neither) the whole instance, on the server
ENTREPOT_URL, with the token in ENTREPOT_TOKEN (scope api or read_api): which project or upstream, which others have the
name, and by which rule they are not asked.

  entrepot explain npm left-pad --version 1.3.0 --group acme`,
  options: {
    version: { type: 'string' },
    group: { type: 'string' },
    project: { type: 'string' },
  },
  positionals: ['format', 'name'],
  async run({ values, positionals }, process) {
    const [format = '', name = ''] = positionals
    const query = new URLSearchParams({
      name,
      ...(values.version ? { version: String(values.version) } : {}),
    })
    const path = `${registryPath(values, encodeURIComponent(format))}/-/explain?${query}`
    const found: Explanation = await restClient(process).get(path)
    if (values.json) return process.out(JSON.stringify(found))
    for (const line of linesOf(found)) process.out(line)
  },
}

function registryPath({ group, project }: Readonly<Record<string, unknown>>, format: string): string {
  if (group !== undefined && project !== undefined) throw new WrongCall('say --group or --project, not both')
  if (group !== undefined) return `/groups/${encodeURIComponent(String(group))}/-/packages/${format}`
  if (project !== undefined) return `/projects/${encodeURIComponent(String(project))}/packages/${format}`
  return `/packages/${format}`
}

interface Candidate {
  readonly kind: string
  readonly name: string
}
interface Explanation {
  readonly name: string
  readonly version: string | null
  readonly version_state: string | null
  readonly answered_by: readonly Candidate[]
  readonly hidden: readonly (Candidate & { readonly rule: string; readonly reason: string })[]
}

function linesOf({ name, version, version_state: state, answered_by: by, hidden }: Explanation): string[] {
  const first = by.length === 0 ? [`nobody answers for ${name} here`] : []
  const rows = [
    ...by.map((one) => ['answers', one.kind, one.name, '']),
    ...hidden.map((one) => ['does not', one.kind, one.name, one.reason]),
  ]
  const last = version === null ? [] : [`version ${version}: ${state}`]
  return [...first, ...tableLines(rows), ...last]
}
