import { readdirSync, readlinkSync } from 'node:fs'

/** How many files and connections this process has open, without those to a database that several tests share. */
export function openDescriptors(): number {
  const all = readdirSync('/proc/self/fd')
  return process.env['ENTREPOT_TEST_POSTGRES'] ? all.filter(isNoSocket).length : all.length
}

function isNoSocket(descriptor: string): boolean {
  try {
    return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('socket:')
  } catch {
    return false
  }
}
