import { testFormat } from '../testing/test-format.ts'
import { npm } from './index.ts'
import { samples } from './samples.ts'

testFormat(npm, samples)
