import { variableName } from './environment.ts'
import { configSchema } from './schema.ts'
import { settingsOf } from './schema-walk.ts'
import type { Setting } from './schema-walk.ts'

/** A stand-in, so that the table is the same whatever formats a server has. */
const anyFormat = { id: '<format>', maxFileSize: 0, upstream: {} }

/** The table of every setting, as it stands in docs/configuration.md. */
export function settingsTable(): string {
  const rows = settingsOf(configSchema([anyFormat])).map(row)
  return ['| Key | Variable | Default | Allowed | What for |', '|---|---|---|---|---|', ...rows].join('\n')
}

function row({ path, words }: Setting): string {
  const variable = variableName(path).replace('<FORMAT>', '<format>')
  const fallback = path.includes('max_file_size') ? "the format's own" : shownDefault(words.fallback)
  const about = words.atRunTime ? `${words.about} Re-read on SIGHUP.` : words.about
  const cells = [`\`${path.join('.')}\``, `\`${variable}\``, fallback, words.allowed, about]
  return `| ${cells.join(' | ')} |`
}

/** A value as it is written in the file; words about one (they hold a space or a backtick) stay words. */
function shownDefault(fallback: string | undefined): string {
  if (fallback === undefined || /[ `]/.test(fallback) || fallback === 'none') return fallback ?? ''
  return `\`${fallback}\``
}
