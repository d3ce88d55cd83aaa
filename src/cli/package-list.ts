import type { Command } from './command.ts'
import { ownedPath } from './owned-path.ts'
import { restClient } from './rest-client.ts'
import { tableLines } from './table.ts'

export const packageList: Command = {
  name: 'package list',
  summary: 'list the packages of a project or group',
  usage: '--project <path> | --group <path>',
  help: `Lists packages on the server ENTREPOT_URL, with the token in ENTREPOT_TOKEN (scope api or read_api), the
last published first. --format keeps one format, --name those whose name contains the text.

  entrepot package list --group acme --name button`,
  options: {
    project: { type: 'string' },
    group: { type: 'string' },
    format: { type: 'string' },
    name: { type: 'string' },
  },
  async run(args, process) {
    const path = `${ownedPath(args)}/packages`
    const { format, name } = args.values as Record<string, string | undefined>
    const query = {
      order_by: 'created_at',
      sort: 'desc',
      ...(format === undefined ? {} : { package_type: format }),
      ...(name === undefined ? {} : { package_name: name }),
    }
    const packages = []
    for await (const pkg of restClient(process).list(path, query)) packages.push(pkg)
    if (args.values.json) process.out(JSON.stringify(packages))
    else for (const line of table(packages)) process.out(line)
  },
}

interface Listed {
  readonly id: number
  readonly name: string
  readonly version: string
  readonly package_type: string
  readonly status: string
  readonly created_at: string
  readonly project_path?: string
}

function table(packages: readonly Listed[]): string[] {
  if (packages.length === 0) return ['no packages']
  const rows = packages.map((pkg) => [
    pkg.package_type,
    pkg.name,
    pkg.version,
    pkg.created_at.slice(0, 10),
    ...(pkg.project_path === undefined ? [] : [pkg.project_path]),
    ...(pkg.status === 'default' ? [] : [pkg.status]),
  ])
  return tableLines(rows)
}
