/** Finds the command and runs it. */
import { stdin } from 'node:process'
import { parseArgs } from 'node:util'
import { Problem } from '../lib/problem.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { WrongCall, type Command, type Process } from './command.ts'

/** Runs `entrepot` with these arguments; resolves to the exit code (0 done, 1 failed, 2 called wrongly). */
export async function runCommand(argv: readonly string[], env: Process['env']): Promise<number> {
  const process: Process = {
    env,
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    input: readInput,
  }
  const found = findCommand(await candidates(argv), argv)
  if (!found) {
    const isAsked = argv.length === 0 || argv[0] === '--help' || argv[0] === '-h' || argv[0] === 'help'
    const text = isAsked
      ? await overview()
      : `entrepot: there is no command ${argv.slice(0, 2).join(' ')}\n\n${await overview()}`
    if (isAsked) process.out(text)
    else process.err(text)
    return isAsked ? 0 : 2
  }
  return runFound(found.command, found.rest, process)
}

async function runFound(command: Command, rest: readonly string[], process: Process): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: { ...command.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    if (values.help) {
      process.out(helpOf(command))
      return 0
    }
    const wanted = command.positionals ?? []
    if (positionals.length !== wanted.length) {
      process.err(
        `entrepot ${command.name}: expects ${wanted.length === 0 ? 'no words' : wanted.join(' ')} after it\n\n${helpOf(command)}`,
      )
      return 2
    }
    return (await command.run({ values: values as never, positionals }, process)) ?? 0
  } catch (error) {
    return report(command, error, process)
  }
}

function report(command: Command, error: unknown, process: Process): number {
  const isWrongCall =
    error instanceof WrongCall ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  if (isWrongCall) {
    process.err(`entrepot ${command.name}: ${(error as Error).message}`)
    return 2
  }
  const isExpected = error instanceof StartRefused || error instanceof Problem
  process.err(
    `entrepot ${command.name}: ${isExpected ? error.message : ((error as Error).stack ?? String(error))}`,
  )
  return 1
}

const longestInput = 64 * 1024

async function readInput(): Promise<string> {
  let text = ''
  for await (const chunk of stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > longestInput) throw new WrongCall('standard input is too long')
  }
  return text
}

/** A server keeps nothing in memory of what the other commands are made of. */
async function candidates(argv: readonly string[]): Promise<readonly Command[]> {
  return argv[0] === 'serve' ? [(await import('./serve.ts')).serve] : allCommands()
}

const allCommands = async () => (await import('./commands.ts')).commands

function findCommand(
  commands: readonly Command[],
  argv: readonly string[],
): { command: Command; rest: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const command = commands.find((one) => one.name === argv.slice(0, words).join(' '))
    if (command) return { command, rest: argv.slice(words) }
  }
  return undefined
}

async function overview(): Promise<string> {
  const commands = await allCommands()
  const width = Math.max(...commands.map((command) => command.name.length))
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`)
  return `Entrepot, a package registry for teams.\n\nentrepot <command> [options]\n\n${lines.join('\n')}\n\nentrepot <command> --help tells more.`
}

function helpOf(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(
    ([name, { type }]) => `  --${name}${type === 'string' ? ' <value>' : ''}`,
  )
  const all = [...options, '  --json', '  --help'].join('\n')
  return `entrepot ${command.name} ${command.usage ?? ''}\n\n${command.help}\n\nOptions:\n${all}`
}
