/** The `entrepot` command. The only file that reads the process's environment and arguments. */
import { runCommand } from './cli/run.ts'

process.exitCode = await runCommand(process.argv.slice(2), process.env)
