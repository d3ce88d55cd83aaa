/** What Maven repositories say about their files, when they are asked for it, and the digests that clients ask us for. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { send } from './faulty-upstream.ts'
import { addUpstream, registryOf, until } from './filled-registry.ts'
import { mavenUpstream, type MavenUpstream } from './maven-packages.ts'
import { upstreamScene } from './scene.ts'

const artifact = { groupId: 'org.free', artifactId: 'lib', version: '1.0.0' }
const sources = ['sha1', 'sha256', 'md5']

describe('digests of Maven files', () => {
  const scene = upstreamScene()
  let made = 0
  async function filled() {
    const repository = mavenUpstream(await scene.open())
    const group = await scene.app.group(`group-${++made}`)
    await addUpstream(scene.app.root, { group }, { format: 'maven', url: repository.upstream.url })
    const registry = registryOf(scene.app, { group }, 'maven')
    const get = (path: string) => scene.app.root.request('GET', registry + path)
    return { repository, get }
  }
  let repository: MavenUpstream
  let get: (path: string) => Promise<Response>
  before(async () => ({ repository, get } = await filled()))

  const askedFor = (path: string) => sources.map((name) => repository.upstream.asked(`${path}.${name}`))

  it('are asked for with the file where the last answer had none in its head', async () => {
    const { path } = repository.deploy(artifact)
    assert.equal((await get(`${path}.pom`)).status, 200)
    assert.deepEqual(askedFor(`${path}.pom`), [1, 0, 0])
    let first: readonly number[] | undefined
    const held = repository.upstream.fail(`${path}.jar`, {
      title: 'held up until the checksum was asked for, or for long',
      async send({ response, prepared, reached }) {
        const asked = () => askedFor(`${path}.jar`)[0] || undefined
        await until(asked, 'the question for the checksum', 2_000).catch(() => {})
        first = askedFor(`${path}.jar`)
        send(response, prepared, reached)
      },
    })
    assert.equal((await get(`${path}.jar`)).status, 200)
    held.off()
    assert.deepEqual({ first, last: askedFor(`${path}.jar`) }, { first: [1, 0, 0], last: [1, 0, 0] })
  })

  it('are asked for once more where there is no file, and then no more', async () => {
    const [first, second] = ['/org/free/lib/2.0.0/lib-2.0.0.jar', '/org/free/lib/3.0.0/lib-3.0.0.jar']
    for (const path of [first, second]) assert.equal((await get(path)).status, 404)
    assert.deepEqual(askedFor(first), [1, 0, 0])
    assert.deepEqual(askedFor(second), [0, 0, 0])
  })

  it('are not asked for where heads say them', async () => {
    const { path } = repository.deploy({ ...artifact, artifactId: 'said', inHeads: true })
    for (const file of [`${path}.pom`, `${path}.jar`]) {
      assert.equal((await get(file)).status, 200)
      assert.deepEqual(askedFor(file), [0, 0, 0])
    }
  })

  for (const ballast of [0, 3 * 1024 * 1024])
    it(`are worked out when a client asks: a jar with ${ballast} bytes`, async () => {
      const deployed = repository.deploy({
        ...artifact,
        artifactId: `lib-${ballast}`,
        ballast,
        checksums: ['sha1'],
      })
      const path = `${deployed.path}.jar`
      for (const name of ['sha512', 'sha1', 'md5', 'sha256', 'md5', 'sha512']) {
        const answer = await get(`${path}.${name}`)
        assert.equal(await answer.text(), createHash(name).update(deployed.jar).digest('hex'), name)
      }
      const jar = await get(path)
      assert.ok(Buffer.from(await jar.arrayBuffer()).equals(deployed.jar))
      assert.equal(jar.headers.get('x-checksum-md5'), createHash('md5').update(deployed.jar).digest('hex'))
      assert.equal(repository.upstream.asked(path), 1)
    })
})
