import type { Command } from './command.ts'
import { ownedPath } from './owned-path.ts'
import { restClient } from './rest-client.ts'
import { tableLines } from './table.ts'

export const retentionDryRun: Command = {
  name: 'retention dry-run',
  summary: 'list which packages retention would remove, and why',
  usage: '--project <path> | --group <path>',
  help: `Lists what the retention rules of a project, or of all projects below a group, would remove now, on the server
ENTREPOT_URL, with the token in ENTREPOT_TOKEN (scope api or read_api). Rules that are switched off count, unless
--enabled-only; --keeping also lists what stays. Nothing is changed.

  entrepot retention dry-run --project acme/app`,
  options: {
    project: { type: 'string' },
    group: { type: 'string' },
    keeping: { type: 'boolean' },
    'enabled-only': { type: 'boolean' },
  },
  async run(args, process) {
    const { values } = args
    const path = `${ownedPath(args)}/packages/retention/dry_run`
    const query = new URLSearchParams({
      per_page: '500',
      keeping: String(values.keeping ?? false),
      enabled_only: String(values['enabled-only'] ?? false),
    })
    const client = restClient(process)
    let isEmpty = true
    for (let cursor: string | null = ''; cursor !== null;) {
      if (cursor) query.set('cursor', cursor)
      const page: Page = await client.get(`${path}?${query}`)
      isEmpty &&= page.packages.length === 0
      if (values.json) for (const one of page.packages) process.out(JSON.stringify(one))
      else for (const line of tableLines(page.packages.map(cells))) process.out(line)
      cursor = page.next_cursor
    }
    if (isEmpty && !values.json) process.out('nothing would be removed')
  },
}

interface Foreseen {
  readonly project_path: string
  readonly package_type: string
  readonly name: string
  readonly version: string
  readonly action: 'remove' | 'remove_files' | 'keep'
  readonly reason: string
  readonly rule: { readonly name: string } | null
  readonly files: readonly string[]
}
interface Page {
  readonly packages: readonly Foreseen[]
  readonly next_cursor: string | null
}

const cells = ({ project_path: project, package_type: format, ...one }: Foreseen) => [
  one.action === 'remove_files' ? `remove ${one.files.length} files` : one.action,
  project,
  format,
  one.name,
  one.version,
  one.rule ? `${one.rule.name}: ${one.reason}` : one.reason,
]
