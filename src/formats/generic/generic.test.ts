import { testFormat } from '../testing/test-format.ts'
import { generic } from './index.ts'
import { samples } from './samples.ts'

testFormat(generic, samples)
