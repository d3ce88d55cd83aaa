import { WrongCall, type Arguments } from './command.ts'

/** The address below /api/v4 of what `--project` or `--group` names. Throws `WrongCall` unless it is one of them. */
export function ownedPath({ values }: Arguments): string {
  const { project, group } = values as Record<string, string | undefined>
  if ((project === undefined) === (group === undefined)) {
    throw new WrongCall('name either --project <path> or --group <path>')
  }
  return project === undefined
    ? `/groups/${encodeURIComponent(group!)}`
    : `/projects/${encodeURIComponent(project)}`
}
