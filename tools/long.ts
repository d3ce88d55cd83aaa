/**
 * What takes long and depends on the machine: a server of a million packages, then real projects through us beside
 * straight. Words behind the command are for the first (`--engine postgres`, `--no-write`).
 */
import { spawnSync } from 'node:child_process'
import { argv, execPath, exit } from 'node:process'

const words = argv.slice(2)
const real = words.includes('--no-write') ? [] : ['--write']
const steps: readonly (readonly string[])[] = [
  ['bench/million/run.ts', ...words],
  ['test/upstreams/real.ts', '--pairs', '5', ...real],
]
const statuses = steps.map((step) => spawnSync(execPath, [...step], { stdio: 'inherit' }).status)
exit(statuses.every((status) => status === 0) ? 0 : 1)
