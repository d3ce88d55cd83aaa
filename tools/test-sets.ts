/** Which tests there are, by what they need. */
import { globSync, readFileSync } from 'node:fs'

interface TestSet {
  readonly files: () => string[]
  /** Those among them that measure how long something takes: they run after the others, with nothing beside them. */
  readonly timed?: readonly string[]
  /** Whether they run on a PostgreSQL server of the run's own. */
  readonly onPostgres?: true
  /** Whether they keep packages in a bucket of an S3 server of the run's own. */
  readonly inBucket?: true
}

const nodeAlone = [
  'src/**/*.test.ts',
  'test/*.test.ts',
  'test/app/**/*.test.ts',
  'test/faults/*.test.ts',
  'test/matrix/**/*.test.ts',
  'test/serving/**/*.test.ts',
  'tools/**/*.test.ts',
  'bench/**/*.test.ts',
]

/** What a test that works on a database is known by. */
const usesDatabase = /createTestApp|testFormat|makeTestDatabase|withRegistry/

/** A test that plays the suite every format gets. */
const playsFormat = /^testFormat\(/m

/** They count SQLite's statements, time what shares the machine with nothing, or start servers on SQLite. */
const aboutSqlite = ['test/app/operations.test.ts', 'test/app/sign-in-timing.test.ts', 'src/database/sqlite/']

const sets: Readonly<Record<string, TestSet>> = {
  /** Everything that needs nothing but Node. */
  alone: { files: () => globSync(nodeAlone) },
  /** The database tests among them, on the other engine. */
  postgres: {
    files: () => globSync(['src/**/*.test.ts', 'test/app/**/*.test.ts']).filter(runsOnBoth),
    onPostgres: true,
  },
  /** What every format must do, on the databases and stores of several nodes. */
  formats: {
    files: () =>
      globSync('src/formats/*/*.test.ts').filter((file) => playsFormat.test(readFileSync(file, 'utf8'))),
    onPostgres: true,
    inBucket: true,
  },
  nodes: { files: () => globSync('test/nodes/**/*.test.ts') },
  faults: { files: () => globSync('test/faults/servers/**/*.test.ts') },
  upstreams: {
    files: () => globSync('test/upstreams/**/*.test.ts'),
    timed: ['test/upstreams/big-packument.test.ts'],
  },
}

function runsOnBoth(file: string): boolean {
  return !aboutSqlite.some((start) => file.startsWith(start)) && usesDatabase.test(readFileSync(file, 'utf8'))
}

/** The set that `--set=<name>` names as the first argument, and the words that choose among its files. */
export function chosenSet(args: readonly string[]): {
  readonly set: TestSet
  readonly words: readonly string[]
} {
  const name = /^--set=(.*)$/.exec(args[0] ?? '')?.[1]
  if (name === undefined) return { set: sets['alone']!, words: args }
  const set = sets[name]
  if (!set) throw new Error(`no such set of tests: ${name}; there are ${Object.keys(sets).join(', ')}`)
  return { set, words: args.slice(1) }
}
