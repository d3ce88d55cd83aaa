import { testFormat } from '../testing/test-format.ts'
import { maven } from './index.ts'
import { samples } from './samples.ts'

testFormat(maven, samples)
