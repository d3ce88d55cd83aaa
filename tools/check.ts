/** `npm run check [-- <name> ...]`: every check, or those named, each with its time; fails if one of them does. */
import { checkDockerfile } from './checks/dockerfile.ts'
import { checkDocs } from './checks/docs.ts'
import { checkFormats } from './checks/formats.ts'
import { checkImports } from './checks/imports.ts'
import { checkLockFile } from './checks/lock-file.ts'
import { checkNames } from './checks/names.ts'
import type { Check } from './checks/outcome.ts'
import { checkSizes } from './checks/sizes.ts'
import { checkStart } from './checks/start.ts'
import { checkFormatting, checkLint, checkTypes, checkUnused } from './checks/tools.ts'

const checks: Readonly<Record<string, Check>> = {
  types: checkTypes,
  lint: checkLint,
  format: checkFormatting,
  unused: checkUnused,
  imports: checkImports,
  sizes: checkSizes,
  names: checkNames,
  formats: checkFormats,
  lock: checkLockFile,
  docs: checkDocs,
  docker: checkDockerfile,
  start: checkStart,
}
/** For all of them, in seconds. */
const budget = 120

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in checks))
if (unknown.length > 0) {
  console.error(
    `npm run check: no check is called ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`,
  )
  process.exitCode = 2
} else await runChecks(wanted.length > 0 ? wanted : Object.keys(checks))

async function runChecks(names: readonly string[]): Promise<void> {
  const failed: string[] = []
  const began = performance.now()
  for (const name of names) if (!(await runCheck(name))) failed.push(name)
  const seconds = (performance.now() - began) / 1000
  console.log(`\n${names.length - failed.length} passed, ${failed.length} failed in ${seconds.toFixed(1)} s`)
  if (seconds > budget) failed.push(`time (${budget} s are allowed)`)
  if (failed.length === 0) return
  console.log(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

async function runCheck(name: string): Promise<boolean> {
  const began = performance.now()
  const { problems, note } = await Promise.try(checks[name]!).catch((error: Error) => ({
    problems: [error.stack ?? error.message],
    note: undefined,
  }))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    [problems.length === 0 ? 'ok  ' : 'FAIL', name.padEnd(8), `${seconds.padStart(5)} s`, note].join('  '),
  )
  for (const problem of problems) console.log(problem.replaceAll(/^/gm, '        '))
  return problems.length === 0
}
