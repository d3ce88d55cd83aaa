/** Options of commands about what stands on a group, a project or the instance. */
import { WrongCall, type Arguments } from './command.ts'

export const placeOptions = { group: { type: 'string' }, project: { type: 'string' } } as const
export const placeUsage = '[--group <path> | --project <path>]'

/** The address of such things of a place below /api/v4; without a group or project the instance's. */
export function placePath({ values }: Arguments, noun: string): string {
  const { project, group } = values as Readonly<Record<string, string | undefined>>
  if (project !== undefined && group !== undefined) throw new WrongCall('name --project or --group, not both')
  if (project !== undefined) return `/projects/${encodeURIComponent(project)}/-/${noun}`
  return group === undefined ? `/${noun}` : `/groups/${encodeURIComponent(group)}/-/${noun}`
}
