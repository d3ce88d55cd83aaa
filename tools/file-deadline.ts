/** Loaded into every test file's process: ends it with an error if it is still running after `fileLimit`. */
const fileLimit = 300_000

setTimeout(() => {
  console.error(`still running after ${fileLimit / 1000} s: something keeps the process alive`)
  process.exit(1)
}, fileLimit).unref()
