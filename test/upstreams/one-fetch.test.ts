/** Many clients of several nodes want the same at once, and nothing is there: each object is fetched once, whoever dies. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createActor, type Actor } from '../actor.ts'
import { story } from '../clients/support/story.ts'
import { startCluster, type Cluster } from '../nodes/cluster.ts'
import { readExactly, type Arrived } from './exact-reader.ts'
import type { Fault, FaultyUpstream } from './faulty-upstream.ts'
import { startFaultyUpstream } from './faulty-upstream.ts'
import { addUpstream, registryOf, until } from './filled-registry.ts'
import { installNpm, installedFiles } from './install.ts'
import { npmTree, npmUpstream, shortType, type NpmPackage } from './npm-packages.ts'

let cluster: Cluster
let upstream: FaultyUpstream
let root: Actor
let made = 0
before(async () => {
  cluster = await startCluster({ nodes: 2, env: { ENTREPOT_EGRESS__ALLOW: '127.0.0.1/32' } })
  upstream = await startFaultyUpstream()
  root = createActor(cluster.url, { id: 1, username: 'root', token: cluster.token })
})
after(async () => {
  await cluster?.stop()
  await upstream?.close()
})

/** A new group that fills from the upstream: where its registry is, at each node and in front of them. */
async function newGroup() {
  const path = `group-${++made}`
  const group = await root.json('POST', '/api/v4/groups', { name: path, path })
  await addUpstream(root, { group }, { url: upstream.url })
  upstream.forget()
  const at = (url: string) => registryOf({ url }, { group })
  return { at, front: at(cluster.url) }
}

const headers = () => ({ 'private-token': cluster.token, accept: shortType })

/** What lies in the bucket is fetched from there, as clients do: without the token. */
async function get(registry: string, path: string): Promise<Arrived> {
  const answer = await readExactly(registry + path, { headers: headers() })
  return answer.status === 302 ? readExactly(answer.headers['location']!) : answer
}

/** What a client does for one package: its packument, then its tarball. */
async function install(registry: string, { name, tarball, path }: NpmPackage): Promise<void> {
  const document = await get(registry, `/${name}`)
  assert.deepEqual([document.status, document.end], [200, 'complete'], `${name}: ${document.body}`)
  const file = await get(registry, path)
  assert.deepEqual([file.status, file.end], [200, 'complete'], path)
  assert.ok(file.body.equals(tarball), path)
}

/** Everything was asked for once: packuments in one form, tarballs, and what says their digests. */
function assertFetchedOnce(packages: readonly NpmPackage[]): void {
  for (const { name, version, path, tarball } of packages) {
    assert.equal(upstream.asked(path), 1, path)
    assert.equal(upstream.sent(path), tarball.length)
    assert.ok(upstream.asked(`/${name}/${version}`) <= 1, `${name}/${version}`)
    // Both forms of a packument are objects of their own.
    assert.ok(upstream.asked(`/${name}`) <= 2, `${name}: ${upstream.asked(`/${name}`)}`)
  }
}

describe('two nodes', () => {
  it('fetch each object once for a hundred cold installs at the same moment', async () => {
    const registry = npmUpstream(upstream)
    const small = npmTree(registry, 12)
    const large = registry.publish({ name: 'large', version: '1.0.0', ballast: 9_000_000 })
    const { at } = await newGroup()
    const nodes = cluster.nodes.map(({ url }) => at(url))
    const packages = [...small, large]
    await Promise.all(
      Array.from({ length: 100 }, async (_, client) => {
        // Not all in the same order, but many at the same place.
        const first = client % 4
        const order = [...packages.slice(first), ...packages.slice(0, first)]
        for (const one of order) await install(nodes[client % nodes.length]!, one)
      }),
    )
    assertFetchedOnce(packages)
  })

  it('fetch a name that nobody has once, too', async () => {
    const { at } = await newGroup()
    const nodes = cluster.nodes.map(({ url }) => at(url))
    const asks = Array.from({ length: 60 }, (_, client) => get(nodes[client % 2]!, '/nobody-has-it'))
    for (const { status } of await Promise.all(asks)) assert.equal(status, 404)
    assert.ok(upstream.asked('/nobody-has-it') <= 2, `${upstream.asked('/nobody-has-it')} times`)
  })

  it('fetch a slow file once for all who wait', async () => {
    const slow = npmUpstream(upstream).publish({ name: 'slow', version: '1.0.0', ballast: 2_000_000 })
    const { at } = await newGroup()
    const active = upstream.fail(slow.path, inPieces(20, 500))
    const nodes = cluster.nodes.map(({ url }) => at(url))
    const asks = Array.from({ length: 50 }, (_, client) => get(nodes[client % 2]!, slow.path))
    for (const { status, end, body } of await Promise.all(asks)) {
      assert.deepEqual([status, end], [200, 'complete'])
      assert.ok(body.equals(slow.tarball))
    }
    active.off()
    assert.equal(active.count, 1)
    assert.equal(upstream.asked(slow.path), 1)
  })
})

story('npm installs a tree through both nodes, ten times at once', ['npm'], async (home) => {
  const tree = npmTree(npmUpstream(upstream), 25)
  const { front } = await newGroup()
  const top = tree.at(-1)!
  const registry = { url: front, token: cluster.token }
  const folders = Array.from({ length: 10 }, (_, at) => `app-${at}`)
  await Promise.all(folders.map((folder) => installNpm(home, registry, folder, top.name)))
  const [first, ...others] = folders.map((folder) => installedFiles(home, `${folder}/node_modules`))
  assert.ok(first!.size >= 2 * tree.length)
  for (const files of others) assert.deepEqual(files, first)
  assertFetchedOnce(tree)
})

describe('a node that dies while it fetches', () => {
  it('is followed by another one: at most two fetches, and no client fails', async () => {
    const pkg = npmUpstream(upstream).publish({ name: 'doomed', version: '1.0.0', ballast: 6_000_000 })
    const { at } = await newGroup()
    const victim = await cluster.another()
    const survivor = at(cluster.nodes[0]!.url)
    const active = upstream.fail(pkg.path, inPieces(30, 300))
    const clientOf = async (registry: string): Promise<Arrived> => {
      const first = await get(registry, pkg.path)
      // A client whose connection broke tries again, as all do.
      return first.end === 'complete' && first.status === 200 ? first : get(survivor, pkg.path)
    }
    const holding = Array.from({ length: 10 }, () => clientOf(at(victim.url)))
    await until(() => upstream.sent(pkg.path) > 500_000 || undefined, 'the fetch being under way')
    const waiting = Array.from({ length: 40 }, () => clientOf(survivor))
    await new Promise((resolve) => setTimeout(resolve, 500))
    await victim.kill()
    for (const { status, end, body } of await Promise.all([...holding, ...waiting])) {
      assert.deepEqual([status, end], [200, 'complete'])
      assert.ok(body.equals(pkg.tarball))
    }
    active.off()
    assert.equal(upstream.asked(pkg.path), 2)
    const kept = await get(survivor, pkg.path)
    assert.ok(kept.body.equals(pkg.tarball))
    assert.equal(upstream.asked(pkg.path), 2)
  })
})

/** No fault but slowness: `count` pieces, `pauseMs` apart. */
function inPieces(count: number, pauseMs: number): Fault {
  return {
    title: `${count} pieces, ${pauseMs} ms apart`,
    send({ response, prepared, reached }) {
      response.writeHead(200, prepared.headers)
      const size = Math.ceil(prepared.body.length / count)
      let at = 0
      const timer = setInterval(() => {
        response.write(prepared.body.subarray(at, at + size))
        at += size
        if (at < prepared.body.length) return
        clearInterval(timer)
        response.end(reached)
      }, pauseMs)
      response.on('close', () => clearInterval(timer))
    },
  }
}
