import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientAddress } from './client-address.ts'

/** A machine whose mvn prints `printed`; without it, it has none. */
function machine(printed: string | undefined, settings?: string) {
  const commands: string[] = []
  return {
    commands,
    run: async (...command: string[]) => {
      commands.push(command.join(' '))
      return printed
    },
    read: async (path: string) => (path === '~/.m2/settings.xml' ? settings : undefined),
  }
}
const addressFor = (printed: string | undefined, settings?: string) =>
  clientAddress(machine(printed, settings))

/** As Maven 3.8, 3.9 and 4.0 print it. */
function output(list: string, before = ''): string {
  return `[0mApache Maven 3.8.7
Maven home: /usr/share/maven
[DEBUG] Reading user settings from ~/.m2/settings.xml
[INFO] Scanning for projects...
${before}[DEBUG] Extension realms for project org.apache.maven:standalone-pom:pom:1: (none)
[DEBUG] Resolving artifact invalid.entrepot:none:pom:1 from [${list}]
[WARNING] The POM for invalid.entrepot:none:jar:1 is missing, no dependency information available
[DEBUG] Resolving artifact invalid.entrepot:none:jar:1 from [${list}]
[INFO] BUILD FAILURE
[ERROR] Plugin invalid.entrepot:none:1 or one of its dependencies could not be resolved: Cannot access central (https://maven.example/never) in offline mode
[INFO] Build failures were ignored.
`
}
const other = 'other (https://other.example/x, default, releases+snapshots)'
const blocked = 'maven-default-http-blocker (http://0.0.0.0/, default, releases+snapshots, blocked)'
const central = 'central (https://central.example/maven2, default, releases)'
const corp = 'corp (https://maven.example/all/, default, releases+snapshots)'
const mirrored = (id: string, from: string) =>
  `[DEBUG] Using mirror corp (https://maven.example/all/) for ${id} (${from}).\n`

test('mvn is asked without the network and in a way that does not fail', async () => {
  const asked = machine(output(central))
  assert.equal(await clientAddress(asked), 'https://central.example/maven2')
  assert.deepEqual(asked.commands, ['mvn -X -B -o -N -fn invalid.entrepot:none:1:none'])
})

test("mvn's central repository is it, wherever it stands in the list and whatever else is configured", async () => {
  const settings = mirrors(['*', 'https://ignored.example/'])
  for (const list of [central, `${other}, ${central}`, `${other}, ${blocked}, ${central}, ${corp}`])
    assert.equal(await addressFor(output(list), settings), 'https://central.example/maven2', list)
})

test('a mirror of central stands for it', async () => {
  const lines =
    mirrored('third', 'http://third.example/x') + mirrored('central', 'https://central.example/maven2')
  assert.equal(await addressFor(output(`${corp}, ${other}`, lines)), 'https://maven.example/all/')
})

test('where mvn does not say which of its repositories is the mirror, the settings do, else it is the last', async () => {
  const lines = mirrored('third', 'http://third.example/x')
  const list = output(`${corp}, ${other}`, lines)
  assert.equal(await addressFor(output(corp, lines)), 'https://maven.example/all/')
  assert.equal(
    await addressFor(list, mirrors(['*,!other', 'https://maven.example/all/'])),
    'https://maven.example/all/',
  )
  assert.equal(await addressFor(list), 'https://other.example/x')
  assert.equal(await addressFor(output(`${other}, ${blocked}`)), 'https://other.example/x')
})

function mirrors(...all: [mirrorOf: string, url: string, more?: string][]): string {
  const list = all.map(
    ([mirrorOf, url, more = '']) =>
      `<mirror><id>m</id><mirrorOf>${mirrorOf}</mirrorOf><url>${url}</url>${more}</mirror>`,
  )
  return `<?xml version="1.0"?>\n<settings xmlns="urn:settings"><mirrors>${list.join('\n')}</mirrors></settings>`
}

test('without mvn the settings tell the mirror: one of central itself before others', async () => {
  const a = 'https://a.example/'
  const b = 'https://b.example/'
  for (const mirrorOf of ['*', 'central', 'external:*', 'x, central', '*,!other'])
    assert.equal(await addressFor(undefined, mirrors(['x', b], [mirrorOf, a])), a, mirrorOf)
  assert.equal(await addressFor(undefined, mirrors(['*', a], ['central', b])), b)
  assert.equal(await addressFor(undefined, mirrors(['*', a, '<blocked>true</blocked>'], ['*', b])), b)
})

test('without an address on the web there is none', async () => {
  const a = 'https://a.example/'
  for (const mirrorOf of ['*,!central', 'other', 'external:http:*', ''])
    assert.equal(await addressFor(undefined, mirrors([mirrorOf, a])), undefined, mirrorOf)
  for (const url of ['file:///repo', '${env.MIRROR}', 'https://${env.HOST}/x', '', 'https://'])
    assert.equal(await addressFor(undefined, mirrors(['*', url])), undefined, url)
  for (const settings of [undefined, '', '<settings/>', '<settings><mirrors>', '<!DOCTYPE a><settings/>'])
    assert.equal(await addressFor(undefined, settings), undefined, settings)
  assert.equal(await addressFor('no Maven here'), undefined)
  assert.equal(await addressFor(output('central (file:///repo, default, releases)')), undefined)
})
