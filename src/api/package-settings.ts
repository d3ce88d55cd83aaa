import { z } from 'zod'
import { changeDuplicates } from '../core/owners/package-settings.ts'
import { duplicatesSettings, type DuplicatesSetting } from '../core/policy/duplicates.ts'
import type { GroupRow } from '../database/schema.ts'
import type { Format } from '../formats/format.ts'
import { flag, formatId, knownFormat, pathId } from './parameters.ts'
import { reachGroup } from './reach.ts'
import { route, type Call } from './route.ts'

const tag = 'Package settings'
const path = '/groups/:id/package_settings'

const settings = z
  .strictObject({
    format: z.string(),
    duplicates_allowed: z.boolean(),
    duplicate_exception_regex: z.string().nullable(),
    /** Null: the format's default. */
    from_group: z.strictObject({ id: z.int(), full_path: z.string() }).nullable(),
  })
  .meta({ id: 'PackageSettings' })

function settingsJson(format: Format<any>, set: DuplicatesSetting | undefined): z.input<typeof settings> {
  return {
    format: format.id,
    duplicates_allowed: (set?.duplicates ?? format.duplicates ?? 'never') === 'allowed',
    duplicate_exception_regex: set?.exception ?? null,
    from_group: set ? { id: set.group_id, full_path: set.full_path } : null,
  }
}

async function settingsOf({ core }: Call, group: GroupRow, format: string) {
  const found = await duplicatesSettings(core.database.read, group.id, format)
  return settingsJson(core.formats.get(format)!, found.get(format))
}

const all = route({
  method: 'GET',
  path,
  summary: 'For each format, whether published files may be replaced below a group, and which group says so',
  tag,
  needs: 'read',
  params: { id: pathId },
  response: z.array(settings),
  async run(call) {
    const { core } = call
    const group = await reachGroup(call, call.params.id, 'read_settings')
    const found = await duplicatesSettings(core.database.read, group.id)
    return [...core.formats.values()].map((format) => settingsJson(format, found.get(format.id)))
  },
})

const one = { id: pathId, format: formatId }

const change = route({
  method: 'PUT',
  path: `${path}/:format`,
  summary: 'Say whether published files of a format may be replaced below a group',
  tag,
  needs: 'write',
  params: one,
  body: {
    duplicates_allowed: flag,
    duplicate_exception_regex: z
      .string()
      .max(255)
      .nullish()
      .describe(
        'where it matches a whole name or version, the opposite holds; literals, `.`, classes, groups, `|`, `*`, `+`, `?`',
      ),
  },
  response: settings,
  async run(call) {
    const { duplicates_allowed: isAllowed, duplicate_exception_regex: exception } = call.body
    const group = await reachGroup(call, call.params.id, 'admin_group')
    const format = knownFormat(call, 'format', call.params.format)
    const wish = { duplicates: isAllowed ? 'allowed' : 'never', exception: exception || null } as const
    await changeDuplicates(call, group, format, wish)
    return settingsOf(call, group, format)
  },
})

const inherit = route({
  method: 'DELETE',
  path: `${path}/:format`,
  summary: "Go back to what the groups above, or else the format's default, say",
  tag,
  needs: 'write',
  params: one,
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'admin_group')
    await changeDuplicates(call, group, knownFormat(call, 'format', call.params.format), null)
  },
})

export const packageSettingsRoutes = [all, change, inherit]
