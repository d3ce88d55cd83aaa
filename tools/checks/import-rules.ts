import type { IForbiddenRuleType } from 'dependency-cruiser'

const tests = String.raw`(\.(test|suite)\.ts$|^src/formats/testing/)`

/** Who may import whom. Anything not forbidden here is allowed. */
export const importRules: readonly IForbiddenRuleType[] = [
  {
    name: 'a-format-stands-alone',
    comment:
      'a format imports only formats/format.ts, formats/handlers.ts, lib/ and itself (and the types of its samples)',
    severity: 'error',
    from: { path: '^src/formats/([^/]+)/', pathNot: tests },
    to: {
      path: '^src/',
      pathNot: [
        String.raw`^src/formats/(format|handlers|testing/(samples|access-cases))\.ts$`,
        '^src/lib/',
        '^src/formats/$1/',
      ],
    },
  },
  {
    name: 'tests-of-a-format-stand-alone',
    comment: 'tests of a format may import the shared suite and the rest of the program, but no other format',
    severity: 'error',
    from: { path: '^src/formats/([^/]+)/', pathNot: '^src/formats/testing/' },
    to: {
      path: '^src/formats/[^/]+/',
      pathNot: ['^src/formats/testing/', '^src/formats/$1/'],
    },
  },
  {
    name: 'the-contract-stands-alone',
    comment: 'the files of the contract and formats/handlers.ts import lib/ and each other only',
    severity: 'error',
    from: { path: String.raw`^src/formats/(format|documents|index-sets|upstream|handlers)\.ts$` },
    to: {
      path: '^src/',
      pathNot: ['^src/lib/', String.raw`^src/formats/(format|documents|index-sets|upstream|handlers)\.ts$`],
    },
  },
  {
    name: 'no-format-is-known-outside',
    comment: 'only app.ts imports formats/index.ts; everyone else knows the contract, formats/format.ts',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/formats/', String.raw`^src/app\.ts$`, tests] },
    to: { path: '^src/formats/', pathNot: String.raw`^src/formats/format\.ts$` },
  },
  {
    name: 'the-app-knows-the-list',
    comment: 'app.ts imports formats/index.ts, and no format past it',
    severity: 'error',
    from: { path: String.raw`^src/app\.ts$` },
    to: { path: '^src/formats/', pathNot: String.raw`^src/formats/(format|index)\.ts$` },
  },
  {
    name: 'the-core-is-inside',
    comment: 'core knows neither HTTP nor the ways in: http, api, web, cli, app.ts, main.ts',
    severity: 'error',
    from: { path: '^src/core/', pathNot: tests },
    to: { path: String.raw`^src/(http|api|web|cli)/|^src/(app|main)\.ts$` },
  },
  {
    name: 'lib-is-at-the-bottom',
    comment: 'lib imports nothing of ours',
    severity: 'error',
    from: { path: '^src/lib/' },
    to: { path: '^(src|test|tools|bench)/', pathNot: '^src/lib/' },
  },
  {
    name: 'the-program-knows-no-tests',
    comment: 'src imports nothing from test, tools and bench',
    severity: 'error',
    from: { path: '^src/', pathNot: tests },
    to: {
      path: '^(test|tools|bench)/|^src/formats/testing/',
      pathNot: String.raw`^src/formats/testing/(samples|access-cases)\.ts$`,
    },
  },
  {
    name: 'the-program-runs-without-tools',
    comment: 'a library used by src stands under "dependencies"',
    severity: 'error',
    from: { path: '^src/', pathNot: tests },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
]
