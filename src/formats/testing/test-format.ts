/** The suite that every format gets for free. */
import { describe } from 'node:test'
import type { Format } from '../format.ts'
import { badInputTests } from './bad-inputs.ts'
import { contractTests } from './contract.ts'
import { documentTests } from './documents.ts'
import { duplicateTests } from './duplicates.ts'
import { ownershipTests } from './ownership.ts'
import { policyTests } from './policy.ts'
import { routeTests } from './routes.ts'
import type { FormatSamples } from './samples.ts'
import { storyTests } from './story.ts'

/** Registers the tests: call it in `<id>.test.ts` of the format's folder with the format and its samples. */
export function testFormat(format: Format<any>, samples: FormatSamples): void {
  const suite = { format, samples }
  describe(`${format.title}: the contract`, () => contractTests(suite))
  describe(`${format.title}: routes`, () => routeTests(suite))
  describe(`${format.title}: a package's life`, () => storyTests(suite))
  describe(`${format.title}: duplicates`, () => duplicateTests(suite))
  describe(`${format.title}: documents`, () => documentTests(suite))
  describe(`${format.title}: owners of names`, () => ownershipTests(suite))
  describe(`${format.title}: what owners rule`, () => policyTests(suite))
  describe(`${format.title}: bad input`, () => badInputTests(suite))
}
