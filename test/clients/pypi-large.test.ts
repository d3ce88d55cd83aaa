/** A wheel of two gigabytes goes up and comes down, and the server's memory stays flat. */
import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { peakOf, startServer } from '../faults/process.ts'
import { python, runClient, simpleUrl, uvPublish } from './support/python-clients.ts'
import { startRecorder } from './support/recorder.ts'
import { story } from './support/story.ts'

/** The most memory that the server may ever have had, in MB. */
const limit = 300
const size = 2_000_000_000
const wheel = 'large-1.0-py3-none-any.whl'

/** Writes the wheel piece by piece, its one large file stored as it is. */
const script = `
import base64, hashlib, os, sys, zipfile
target, size = sys.argv[1], int(sys.argv[2])
piece = os.urandom(4_000_000)
record = []
def add(archive, name, pieces, length):
    digest = hashlib.sha256()
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=length > 2**31 - 1) as out:
        for one in pieces:
            digest.update(one)
            out.write(one)
    record.append(f"{name},sha256={base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()},{length}\\n")
with zipfile.ZipFile(target, "w") as archive:
    add(archive, "large.bin", (piece for _ in range(size // len(piece))), size)
    for name, text in {"METADATA": "Metadata-Version: 2.1\\nName: large\\nVersion: 1.0\\n", "WHEEL": "Wheel-Version: 1.0\\n"}.items():
        add(archive, "large-1.0.dist-info/" + name, [text.encode()], len(text))
    archive.writestr("large-1.0.dist-info/RECORD", "".join(record) + "large-1.0.dist-info/RECORD,,\\n")
`

story(`a wheel of 2 GB takes less than ${limit} MB of memory`, ['uv', 'pip'], async (home) => {
  const file = join(home.dir, wheel)
  await python(home, ['-c', script, file, String(size)], { timeoutMs: 300_000 })
  const front = await startRecorder()
  const env = { ENTREPOT_PUBLIC_URL: front.url }
  const server = (await startServer({ data: join(home.dir, 'data'), env }))!
  front.passTo(server.url)
  try {
    const registry = { url: `${front.url}/api/v4/projects/acme%2Fapp/packages/pypi`, token: server.token }
    const began = performance.now()
    await runClient(home, uvPublish(registry, file), { timeoutMs: 300_000 })
    const uploaded = performance.now()
    const index = ['--index-url', simpleUrl(registry)]
    const command = [
      'pip',
      'download',
      '--no-deps',
      '--no-cache-dir',
      '--quiet',
      ...index,
      '--dest',
      'down',
      'large',
    ]
    await runClient(home, command, { timeoutMs: 300_000 })
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
    const most = await peakOf(server.pid)
    const times = `up ${seconds(uploaded - began)}, down ${seconds(performance.now() - uploaded)}`
    console.log(`PyPI, 2 GB: ${times}, at most ${most.toFixed(0)} MB of memory`)
    assert.equal((await stat(join(home.dir, 'down', wheel))).size, (await stat(file)).size)
    assert.ok(most < limit, `the server took ${most} MB`)
  } finally {
    await server.stop()
    await front.close()
  }
})
