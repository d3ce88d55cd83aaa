/** curl with each kind of token, in every carrier: those of its kind work, the others are refused. */
import assert from 'node:assert/strict'
import { curl } from './support/curl.ts'
import { story } from './support/story.ts'
import { withTokens } from './support/tokens.ts'

story(
  'curl publishes with every kind of token in the carriers of its kind, and no others',
  ['curl'],
  async (home) => {
    await withTokens(async ({ world, tokens }) => {
      home.write('file', 'bytes')
      for (const { kind, token, username, header } of tokens) {
        const status = async (way: string, ...how: readonly string[]) => {
          const url = `${world.address('generic')}/${kind}/${way}/file`
          return (await curl(home, ...how, '--upload-file', 'file', url)).status
        }
        assert.equal(await status('bearer', '-H', `Authorization: Bearer ${token}`), 201, `${kind}: Bearer`)
        assert.equal(await status('basic', '--user', `${username}:${token}`), 201, `${kind}: Basic`)
        for (const name of ['Private-Token', 'Deploy-Token', 'Job-Token']) {
          const expected = name === header ? 201 : 401
          assert.equal(await status(name, '-H', `${name}: ${token}`), expected, `${kind}: ${name}`)
        }
        const stranger = await status('stranger', '--user', `stranger:${token}`)
        assert.equal(stranger, kind === 'deploy' ? 401 : 201, `${kind}: another user name`)
        const asJob = await status('as-job', '--user', `gitlab-ci-token:${token}`)
        assert.equal(asJob, kind === 'job' ? 201 : 401, `${kind}: the user name of jobs`)
        const both = ['-H', `${header}: ${token}`, '-H', 'Authorization: Bearer nonsense']
        assert.equal(await status('both', ...both), 201, `${kind}: a header goes before Authorization`)
      }
    })
  },
)
