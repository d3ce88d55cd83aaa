#!/usr/bin/env node
// The `entrepot` command. Plain JavaScript for any Node from 20 on: it finds the Node that package.json pins and runs
// src/main.ts with it, in this very process where this Node is new enough.
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import module from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'

const pinnedMajor = 24
const self = realpathSync(fileURLToPath(import.meta.url))
const root = dirname(self)
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node')
const runningMajor = Number(process.versions.node.split('.')[0])

if (!existsSync(join(root, 'node_modules'))) {
  refuse(`entrepot: the libraries are not installed; run \`npm ci\` in ${root}`)
} else if (runningMajor >= pinnedMajor) {
  stopWithLauncher()
  enableCompileCache()
  await import('./src/main.ts')
} else if (existsSync(pinnedNode)) {
  runWith(pinnedNode)
} else {
  refuse(
    `entrepot: Node ${pinnedMajor} is not installed; run \`npm ci\` in ${root} (with its install scripts)`,
  )
}

/** Ends with one line and exit code 1. */
function refuse(line) {
  process.stderr.write(`${line}\n`)
  process.exitCode = 1
}

/** Runs this file again with `node`; signals go to it, its exit code or signal becomes ours. */
function runWith(node) {
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes; a second one would look like impatience.
      if (signal !== 'SIGINT' || !isatty(0)) child.kill(signal)
    })
  }
  child.on('error', (error) => refuse(`entrepot: cannot run ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code
      return
    }
    for (const forwarded of signals) process.removeAllListeners(forwarded)
    process.kill(process.pid, signal)
  })
}

/** A launcher that was killed outright cannot forward a signal: its end is the signal. */
function stopWithLauncher() {
  if (!process.channel) return
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}

/** Compiled code is kept beside the libraries or, where those are read-only, in a temporary directory of our own. */
function enableCompileCache() {
  const { status } = module.enableCompileCache(join(root, 'node_modules', '.cache', 'entrepot'))
  if (status !== module.constants.compileCacheStatus.FAILED) return
  const fallback = privateTemporaryDirectory()
  if (fallback) module.enableCompileCache(fallback)
}

/** Undefined if it cannot be made, or if somebody else could have put code there. */
function privateTemporaryDirectory() {
  const directory = join(tmpdir(), `entrepot-compile-cache-${process.getuid?.() ?? 'user'}`)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const found = lstatSync(directory)
    const ours = process.getuid === undefined || found.uid === process.getuid()
    return found.isDirectory() && ours && (found.mode & 0o022) === 0 ? directory : undefined
  } catch {
    return undefined
  }
}
