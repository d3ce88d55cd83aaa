import type { Command } from './command.ts'
import { init } from './init.ts'
import { serve } from './serve.ts'

/** All of them, in the order of the overview. */
export const commands: readonly Command[] = [serve, init]
