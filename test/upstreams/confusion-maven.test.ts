/** Dependency confusion in Maven: a stranger's artifact upstream with coordinates of ours is never served. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { samples } from '../../src/formats/maven/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { startIssuer, type TestIssuer } from '../issuer.ts'
import { callersOf, type NamedCaller } from './callers.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { addUpstream, onlyLoopback, registryOf, type Owner } from './filled-registry.ts'
import { mavenUpstream } from './maven-packages.ts'

const ours = ['acme.app:lib', 'com.acme:deleted', 'com.acme:reserved']
const variants = ['acme.App:lib', 'ACME.APP:LIB', 'com.Acme:Deleted']
const owned = [...ours, ...variants]

let app: TestApp
let issuer: TestIssuer
let upstream: FaultyUpstream
let callers: readonly NamedCaller[]
let levels: Readonly<Record<string, Owner>>

before(async () => {
  issuer = await startIssuer()
  app = await createTestApp({ env: { ...onlyLoopback, ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url } })
  upstream = await startFaultyUpstream()
  const repository = mavenUpstream(upstream)
  for (const one of [...owned, 'org.free:lib']) repository.deploy({ ...coordinates(one), version: '99.0.0' })
  const group = await app.group('acme')
  const project = await app.project('acme/app')
  const other = await app.project('acme/sub/lib')
  levels = { project: { project }, other: { project: other }, group: { group }, instance: 'instance' }
  for (const owner of Object.values(levels)) {
    await addUpstream(app.root, owner, { format: 'maven', url: upstream.url, anonymous_fill: true })
  }
  for (const one of ours.slice(0, 2)) {
    for (const { method, path, body } of samples.publish({
      name: pathOf(one),
      version: '1.0.0',
      content: one,
    })) {
      const reply = await app.root.request(method, registryOf(app, { project }, 'maven') + path, { body })
      assert.ok(reply.ok, `${path}: ${reply.status} ${await reply.text()}`)
    }
  }
  const packages = `/api/v4/projects/${project.id}/packages`
  const [deleted] = await app.root.json('GET', `${packages}?package_name=com/acme/deleted`)
  await app.root.json('DELETE', `${packages}/${deleted.id}?purge=true`)
  const pattern = { format: 'maven', pattern: 'com.acme:*' }
  await app.root.json('POST', `/api/v4/groups/${group.id}/name_reservations`, pattern)
  callers = await callersOf(app, issuer, project, group)
  upstream.forget()
})
after(async () => {
  await app?.close()
  await upstream?.close()
  await issuer?.close()
})

function coordinates(text: string) {
  const [groupId = '', artifactId = ''] = text.split(':')
  return { groupId, artifactId }
}
const pathOf = (text: string) => text.replaceAll('.', '/').replace(':', '/')

describe('coordinates of ours', () => {
  for (const one of owned) {
    it(`${one} are never the stranger's`, async () => {
      const path = `/${pathOf(one)}`
      const file = `${path}/99.0.0/${coordinates(one).artifactId}-99.0.0`
      const doors = [
        `${path}/maven-metadata.xml`,
        `${file}.jar`,
        `${file}.pom`,
        `${file}.jar.sha1`,
        `${file}.pom.md5`,
      ]
      for (const { title, headers } of callers) {
        for (const [level, owner] of Object.entries(levels)) {
          for (const door of doors) {
            const reply = await fetch(registryOf(app, owner, 'maven') + door, { headers })
            const text = await reply.text()
            const what = `${title}, ${level}, ${door}: ${reply.status} ${text.slice(0, 300)}`
            assert.ok(reply.status < 500, what)
            assert.ok(reply.status !== 200 || !(text.includes('99.0.0') || !door.endsWith('.xml')), what)
          }
        }
      }
      const told = upstream.requests.filter((asked) =>
        asked.path.toLowerCase().startsWith(path.toLowerCase()),
      )
      assert.deepEqual(told, [], 'the upstream was asked')
    })
  }

  it('hide nothing else', async () => {
    const url = `${registryOf(app, levels['group']!, 'maven')}/org/free/lib/99.0.0/lib-99.0.0.pom`
    const reply = await fetch(url, { headers: { 'private-token': app.root.token } })
    assert.equal(reply.status, 200)
    assert.match(await reply.text(), /<artifactId>lib</)
  })
})
