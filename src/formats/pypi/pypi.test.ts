import { testFormat } from '../testing/test-format.ts'
import { pypi } from './index.ts'
import { samples } from './samples.ts'

testFormat(pypi, samples)
