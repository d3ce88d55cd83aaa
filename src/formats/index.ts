import type { Format } from './format.ts'
import { debian } from './debian/index.ts'
import { generic } from './generic/index.ts'
import { maven } from './maven/index.ts'
import { npm } from './npm/index.ts'
import { pypi } from './pypi/index.ts'

/** Every format this server speaks. */
export const formats: readonly Format<any>[] = [debian, generic, maven, npm, pypi]
