import { testFormat } from '../testing/test-format.ts'
import { debian } from './index.ts'
import { samples } from './samples.ts'

testFormat(debian, samples)
