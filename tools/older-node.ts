import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Oldest Node that the launcher promises to start under. */
const oldest = 20

/** The first `node` on PATH older than the one running, 20 or later, and not one of npm's own; undefined if none. */
export function findOlderNode(): string | undefined {
  const running = majorOf(process.versions.node)
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory.includes('node_modules')) continue
    const major = majorAt(join(directory, 'node'))
    if (major !== undefined && major >= oldest && major < running) return join(directory, 'node')
  }
  return undefined
}

function majorAt(node: string): number | undefined {
  try {
    accessSync(node, constants.X_OK)
    return majorOf(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }))
  } catch {
    return undefined
  }
}

function majorOf(version: string): number {
  return Number(version.split('.')[0])
}
