/** Source packages as people keep them: small, without helpers, built by dpkg's own tools. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { memoryMb, suite } from './debian.ts'
import type { Home } from './story.ts'

/** Its upstream version is 1.0; it makes `greet`, for the machine's architecture, and `greet-data`, for all. */
export const sourceName = 'greet'

const control = `Source: greet
Section: utils
Priority: optional
Maintainer: Ann Example <ann@example.com>
Standards-Version: 4.6.2
Rules-Requires-Root: no

Package: greet
Architecture: any
Depends: greet-data (= \${source:Version})
Description: greets
 In many ways.

Package: greet-data
Architecture: all
Section: contrib/doc
Description: what greet says
`

const rules = `#!/usr/bin/make -f
version := $(shell dpkg-parsechangelog -S Version)
build build-arch build-indep:
clean:
\trm -rf debian/greet debian/greet-data debian/files
binary-arch binary-indep:
binary:
\tset -e; for package in greet greet-data; do \\
\t  mkdir -p debian/$$package/DEBIAN debian/$$package/usr/share; \\
\t  echo "$$package $(version)" >debian/$$package/usr/share/$$package; \\
\t  dpkg-gencontrol -p$$package -Pdebian/$$package; \\
\t  dpkg-deb --root-owner-group -b debian/$$package ..; \\
\tdone
`

const changelog = (version: string) => `greet (${version}) ${suite}; urgency=medium

  * Greets better.

 -- Ann Example <ann@example.com>  Mon, 26 Dec 2022 16:30:00 +0100
`

/**
 * Builds the source package and what it makes in `folder`, beside the upstream tarball, which is made by the first build
 * there; the path of the .changes, which lists the tarball with `-sa` and does not with `-sd`.
 */
export async function buildSource(
  home: Home,
  folder: string,
  version: string,
  tarball: '-sa' | '-sd',
): Promise<string> {
  const tree = `${folder}/greet-1.0`
  home.write(`${tree}/greeting`, 'hello\n')
  const original = 'greet_1.0.orig.tar.gz'
  const options = { in: folder, memoryMb }
  if (!readdirSync(join(home.dir, folder)).includes(original))
    await home.run('tar', ['czf', original, '--exclude=debian', 'greet-1.0'], options)
  home.write(`${tree}/debian/control`, control)
  home.write(`${tree}/debian/changelog`, changelog(version))
  home.write(`${tree}/debian/source/format`, '3.0 (quilt)\n')
  await home.run('chmod', ['+x', home.write(`${tree}/debian/rules`, rules)])
  // Nothing else need be installed to build it, and nobody signs it.
  const build = `umask 022; exec dpkg-buildpackage -us -uc -d ${tarball}`
  await home.run('bash', ['-c', build], { ...options, in: tree })
  const changes = readdirSync(join(home.dir, folder)).find(
    (file) => file.startsWith(`greet_${version}_`) && file.endsWith('.changes'),
  )
  return join(home.dir, folder, changes!)
}
