import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'

export interface Outcome {
  /** Exit code; null after a signal (also after the time-out). */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Both streams as they came, below the command line, with long lines cut: what a failure shows. */
  readonly transcript: string
}
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Default 120 s; the client and its children are then killed. */
  readonly timeoutMs?: number
  /** Of address space, for each of its processes, which then also end by themselves if this one does not end them. */
  readonly memoryMb?: number
  /** What a person would type: each answer once its prompt has appeared. Without any, stdin is closed. */
  readonly dialogue?: readonly (readonly [prompt: string, answer: string])[]
}

/** Runs a client to its end, whatever its exit code. */
export function attempt(
  command: string,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<Outcome> {
  const { cwd, env, timeoutMs = 120_000, dialogue = [] } = surroundings
  const questions = [...dialogue]
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  const [program = command, ...all] = bounded([command, ...args], surroundings)
  const child = spawn(program, all, { cwd, env, detached: true })
  const streams = { stdout: '', stderr: '', both: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      streams[name] += text
      streams.both += text
      const [prompt, answer] = questions[0] ?? []
      if (prompt === undefined || !streams.both.includes(prompt)) return
      questions.shift()
      child.stdin.write(`${answer}\n`)
    })
  }
  const timer = setTimeout(() => {
    streams.both += `\n(killed after ${timeoutMs} ms)`
    killGroup(child.pid)
  }, timeoutMs)
  child.on('error', reject)
  child.on('close', (code, signal) => {
    clearTimeout(timer)
    const heading = `$ ${command} ${args.join(' ')}   (in ${cwd}, ended with ${code ?? signal})`
    const transcript = `${heading}\n${streams.both.replace(/^(.{1000}).*$/gm, '$1 ...')}`
    resolve({ code, stdout: streams.stdout, stderr: streams.stderr, transcript })
  })
  child.stdin.on('error', () => undefined)
  if (dialogue.length === 0) child.stdin.end()
  return promise
}

function bounded(
  command: readonly string[],
  { memoryMb, timeoutMs = 120_000 }: Surroundings,
): readonly string[] {
  if (memoryMb === undefined) return command
  const seconds = String(Math.ceil(timeoutMs / 1000) + 5)
  return ['timeout', '--signal=KILL', seconds, 'prlimit', `--as=${memoryMb * 1_000_000}`, '--', ...command]
}

/** As `attempt`, and the client must succeed. */
export async function run(
  command: string,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<Outcome> {
  const outcome = await attempt(command, args, surroundings)
  assert.equal(outcome.code, 0, outcome.transcript)
  return outcome
}

/** As `attempt`, and the client must fail with words that match `expected`. */
export async function refused(
  command: string,
  args: readonly string[],
  surroundings: Surroundings,
  expected: RegExp,
): Promise<Outcome> {
  const outcome = await attempt(command, args, surroundings)
  assert.notEqual(outcome.code, 0, `should have failed:\n${outcome.transcript}`)
  assert.match(outcome.transcript, expected)
  return outcome
}

/** A client may have started others (a JVM, a daemon): they share the group that `detached` made. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // gone already
  }
}
