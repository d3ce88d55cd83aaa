/** One seed for every run in a process; on failure fast-check prints it, and `FUZZ_SEED` brings it back. */
const given = Number(process.env['FUZZ_SEED'])
const seed = Number.isSafeInteger(given) && given !== 0 ? given : 20_240_607

/** Parameters for `fc.assert`. */
export function fuzzing(numRuns: number) {
  console.log(`fuzzing with FUZZ_SEED=${seed}`)
  return { seed, numRuns, endOnFailure: false }
}
