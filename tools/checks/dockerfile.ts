/** The Dockerfile, as far as it can be judged without an engine: it builds from what is there, and runs without privileges. */
import type { Outcome } from './outcome.ts'
import { readSource, repositoryFiles } from './repository.ts'

interface Instruction {
  readonly line: number
  readonly word: string
  readonly rest: string
}

/** What the rules need to know of the repository around it. */
export interface DockerContext {
  /** Of the package `node` that package.json pins. */
  readonly nodeVersion: string
  /** Paths that `COPY` can find. */
  readonly files: readonly string[]
  readonly ignore: string
}

const known = new Set(
  'ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
)

export function checkDockerfile(): Outcome {
  const manifest = JSON.parse(readSource('package.json')) as {
    readonly dependencies: { readonly node: string }
  }
  const text = readSource('Dockerfile')
  const context = {
    nodeVersion: manifest.dependencies.node,
    files: repositoryFiles(),
    ignore: readSource('.dockerignore'),
  }
  return { problems: dockerProblems(text, context), note: `${instructionsOf(text).length} instructions` }
}

/** One line per problem. */
export function dockerProblems(text: string, context: DockerContext): string[] {
  const all = instructionsOf(text)
  const last = all.slice(all.findLastIndex(({ word }) => word === 'FROM'))
  const rules = all.flatMap((one) =>
    instructionProblems(one, context).map((what) => `Dockerfile:${one.line}: ${what}`),
  )
  return [...rules, ...imageProblems(last).map((what) => `Dockerfile: ${what}`)]
}

function instructionsOf(text: string): Instruction[] {
  const found: Instruction[] = []
  let open = ''
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    open += line.trim().replace(/\\$/, ' ')
    if (line.endsWith('\\')) continue
    const [word = '', ...rest] = open.split(/\s+/)
    found.push({ line: index + 1, word: word.toUpperCase(), rest: rest.join(' ') })
    open = ''
  }
  return found
}

function instructionProblems({ word, rest }: Instruction, context: DockerContext): string[] {
  if (!known.has(word))
    return [`${word} is no instruction that is used here (COPY instead of ADD, for instance)`]
  if (word === 'FROM') return fromProblems(rest, context)
  if (word === 'COPY') return copyProblems(rest, context)
  if (word === 'ENV' || word === 'ARG')
    return /(SECRET|TOKEN|PASSWORD|_KEY)\b/i.test(rest) ? ['a secret would stay in the image'] : []
  if (word === 'RUN') return runProblems(rest)
  if (word === 'CMD' || word === 'ENTRYPOINT')
    return isExec(rest) ? [] : ['write a JSON list: a shell in between does not hand on signals']
  return []
}

function fromProblems(rest: string, { nodeVersion }: DockerContext): string[] {
  const [image = ''] = rest.split(' ')
  return image.startsWith(`node:${nodeVersion}-`)
    ? []
    : [`${image} is not node:${nodeVersion}-..., which package.json pins`]
}

function copyProblems(rest: string, { files, ignore }: DockerContext): string[] {
  if (rest.startsWith('--from=')) return []
  const sources = rest
    .split(' ')
    .filter((part) => !part.startsWith('--'))
    .slice(0, -1)
  const allowed = ignore
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  return sources.flatMap((source) => [
    ...(files.some((file) => file === source || file.startsWith(`${source}/`))
      ? []
      : [`there is no ${source}`]),
    ...(allowed.includes(source) ? [] : [`.dockerignore does not let ${source} in`]),
  ])
}

function runProblems(rest: string): string[] {
  const problems: string[] = []
  if (/\bnpm (ci|install)\b/.test(rest) && !/\bnpm ci --omit=dev\b/.test(rest))
    problems.push('use npm ci --omit=dev')
  if (/\b(curl|wget)\b/.test(rest)) problems.push('nothing is downloaded that no lock file names')
  return problems
}

/** Of the last stage, which is the image. */
function imageProblems(stage: readonly Instruction[]): string[] {
  const of = (word: string) => stage.filter((one) => one.word === word)
  const user = of('USER').at(-1)?.rest ?? 'root'
  const check = of('HEALTHCHECK').at(-1)?.rest ?? 'NONE'
  return [
    ...(/^[1-9]\d*(:[1-9]\d*)?$/.test(user)
      ? []
      : [`USER ${user} is not a number other than 0, which engines can check`]),
    ...(isExec(/CMD (.*)$/.exec(check)?.[1] ?? '')
      ? []
      : ['HEALTHCHECK is missing, or its CMD is no JSON list']),
    ...(of('CMD').length === 1 ? [] : ['exactly one CMD is wanted']),
    ...(of('VOLUME').length === 1 ? [] : ['exactly one VOLUME is wanted, for the data']),
    ...(takesAll(stage) ? ['COPY . would take along whatever lies about'] : []),
  ]
}

const takesAll = (stage: readonly Instruction[]) =>
  stage.some(({ word, rest }) => word === 'COPY' && /(^| )\.\/? /.test(rest))

function isExec(text: string): boolean {
  try {
    const list = JSON.parse(text) as unknown
    return Array.isArray(list) && list.length > 0 && list.every((part) => typeof part === 'string')
  } catch {
    return false
  }
}
