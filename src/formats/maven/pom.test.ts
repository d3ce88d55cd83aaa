import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPom, requireSameCoordinates } from './pom.ts'

const read = (content: string) =>
  readPom(Buffer.from(`<project xmlns="http://maven.apache.org/POM/4.0.0">${content}</project>`))

function check(version: string, declared: { groupId?: string; artifactId?: string; version?: string }) {
  requireSameCoordinates(
    { groupId: 'com.acme', artifactId: 'tiny', version, ...declared },
    'com/acme/tiny',
    version,
  )
}

test('what is shown of a package is read', async () => {
  const { pom, declared } = await read(`
    <parent><groupId>com.acme</groupId><artifactId>base</artifactId><version>7</version></parent>
    <artifactId>tiny</artifactId><packaging>maven-plugin</packaging>
    <name>Tiny for \${project.artifactId} &copy;</name><description>Does \${what}, \${unknown}</description>
    <properties><what>little</what><dep.version>2.1</dep.version></properties>
    <url>https://acme.example/</url><scm><url>https://acme.example/git</url></scm>
    <issueManagement><url>https://acme.example/issues</url></issueManagement>
    <organization><name>Acme</name></organization>
    <licenses><license><name>MIT</name></license><license><url>https://acme.example/l</url></license></licenses>
    <dependencyManagement><dependencies><dependency><groupId>no</groupId><artifactId>no</artifactId></dependency></dependencies></dependencyManagement>
    <dependencies>
      <dependency><groupId>\${project.groupId}</groupId><artifactId>a</artifactId><version>\${dep.version}</version></dependency>
      <dependency><groupId>g</groupId><artifactId>b</artifactId><scope>test</scope><optional>true</optional></dependency>
    </dependencies>
    <build><plugins>
      <plugin><artifactId>other</artifactId><configuration><goalPrefix>no</goalPrefix></configuration></plugin>
      <plugin><artifactId>maven-plugin-plugin</artifactId><configuration><goalPrefix>ti</goalPrefix></configuration></plugin>
    </plugins></build>`)
  assert.deepEqual(declared, { groupId: 'com.acme', artifactId: 'tiny', version: '7' })
  assert.deepEqual(pom, {
    packaging: 'maven-plugin',
    name: 'Tiny for tiny ©',
    description: 'Does little, ${unknown}',
    url: 'https://acme.example/',
    scm: 'https://acme.example/git',
    issues: 'https://acme.example/issues',
    organization: 'Acme',
    parent: 'com.acme:base:7',
    licenses: ['MIT', 'https://acme.example/l'],
    dependencies: [
      { groupId: 'com.acme', artifactId: 'a', version: '2.1', scope: 'compile', optional: undefined },
      { groupId: 'g', artifactId: 'b', version: undefined, scope: 'test', optional: true },
    ],
    goalPrefix: 'ti',
  })
})

test('the least POM is read too', async () => {
  const { pom } = await read('<artifactId>tiny</artifactId>')
  assert.equal(pom.packaging, 'jar')
  assert.deepEqual(pom.dependencies, [])
})

test('names of built-in properties are ordinary element names', async () => {
  await read(
    '<artifactId>t</artifactId><constructor>x</constructor><toString><a>${constructor}</a></toString><__proto__>x</__proto__>',
  )
})

test('properties that hold each other are not followed', async () => {
  const bomb = Array.from({ length: 30 }, (_, i) => `<p${i}>\${p${i + 1}}\${p${i + 1}}</p${i}>`).join('')
  const { pom } = await read(
    `<artifactId>t</artifactId><name>${'${p0}'.repeat(500)}</name><properties>${bomb}</properties>`,
  )
  assert.ok(pom.name!.length <= 4000)
})

test('what is no POM is refused', async () => {
  await assert.rejects(read(''), { status: 400, message: /no artifactId/ })
  await assert.rejects(readPom(Buffer.from('<html/>')), { status: 400, message: /root element is <html>/ })
  await assert.rejects(readPom(Buffer.from('{}')), { status: 400, message: /not well-formed/ })
  const bomb =
    '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><project><artifactId>&b;</artifactId></project>'
  await assert.rejects(readPom(Buffer.from(bomb)), { status: 400, message: /document type/ })
})

test('other coordinates than the path are refused, open ones are not', () => {
  check('1.0', {})
  check('1.0', { version: '${revision}', groupId: undefined })
  check('1.0', { version: '[1.0,2.0)' })
  check('1.0-SNAPSHOT', { version: '1.0-20240506.070809-3' })
  assert.throws(() => check('1.0', { version: '1.0.0' }), {
    status: 400,
    message: /version is 1.0.0, the path's is 1.0/,
  })
  assert.throws(() => check('1.0-SNAPSHOT', { version: '1.0' }), { status: 400 })
  assert.throws(() => check('1.0', { groupId: 'com' }), { status: 400 })
  assert.throws(() => check('1.0', { artifactId: 'Tiny' }), { status: 400 })
})
