import type { Outcome } from './outcome.ts'
import { runTool } from './run-tool.ts'

/** TypeScript, over everything. */
export const checkTypes = (): Promise<Outcome> => runTool('tsc', ['--project', '.'])

/** Mistakes and habits: the rules stand in .oxlintrc.json. */
export const checkLint = (): Promise<Outcome> =>
  runTool('oxlint', ['--deny-warnings', '--report-unused-disable-directives'])

/** Layout of the code; `npm run format` mends it. */
export const checkFormatting = (): Promise<Outcome> => runTool('oxfmt', ['--check', '.'])

/** Files, exports and libraries that nothing uses; the entries stand in knip.json. */
export const checkUnused = (): Promise<Outcome> => runTool('knip', ['--no-progress', '--no-config-hints'])
