/** mvn with tokens in each of the three headers, and a deploy token as Basic; the other stories send personal ones so. */
import assert from 'node:assert/strict'
import { curl } from './support/curl.ts'
import { artifactPath, goals, mavenIn } from './support/maven.ts'
import { story } from './support/story.ts'
import { withTokens } from './support/tokens.ts'
import type { TokenKind } from './support/tokens.ts'

story('mvn deploys and resolves with tokens in every carrier', ['mvn', 'curl'], async (home) => {
  await withTokens(async ({ world, tokens }) => {
    const url = world.address('maven')
    const of = (kind: TokenKind) => tokens.find((one) => one.kind === kind)!
    const cases = [
      { folder: 'private-token', token: of('project').token, carrier: 'Private-Token' },
      { folder: 'deploy-token', token: of('deploy').token, carrier: 'Deploy-Token' },
      { folder: 'job-token', token: of('job').token, carrier: 'Job-Token' },
      { folder: 'deploy-basic', token: of('deploy').token, username: of('deploy').username },
    ]
    for (const { folder, ...how } of cases) {
      const what = { groupId: 'com.acme', artifactId: folder, version: '1.0.0' }
      home.write(`${folder}/it.jar`, folder)
      const coordinates = Object.entries(what).map(([name, value]) => `-D${name}=${value}`)
      const file = ['-Dpackaging=jar', '-Dfile=it.jar', '-DrepositoryId=entrepot', `-Durl=${url}`]
      const maven = mavenIn(home, folder, { url, ...how })
      await maven.run(goals.deployFile, ...coordinates, ...file)
      const path = `${url}/${artifactPath(what)}.jar`
      assert.equal((await curl(home, '-H', `PRIVATE-TOKEN: ${world.token}`, path)).body, folder)
      await maven.run(goals.get, `-Dartifact=com.acme:${folder}:1.0.0`, '-Dtransitive=false')
    }
    const wrong = mavenIn(home, 'wrong', { url, token: of('deploy').token, carrier: 'Private-Token' })
    await wrong.refused(/401|Unauthorized/i, goals.get, '-Dartifact=com.acme:deploy-basic:1.0.0')
  })
})
