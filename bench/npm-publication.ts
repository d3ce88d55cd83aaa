import { hash, randomBytes } from 'node:crypto'

/** The body of npm's `PUT /:name` for one version; the tarball is random bytes, `size` many. */
export function npmPublication(name: string, version: string, size: number): Buffer {
  const tarball = randomBytes(size)
  const attachment = `${name}-${version}.tgz`
  const document = {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: manifest(name, version, tarball) },
    _attachments: {
      [attachment]: {
        content_type: 'application/octet-stream',
        data: tarball.toString('base64'),
        length: tarball.length,
      },
    },
  }
  return Buffer.from(JSON.stringify(document))
}

function manifest(name: string, version: string, tarball: Buffer) {
  return {
    _id: `${name}@${version}`,
    name,
    version,
    description: 'A package that is measured',
    license: 'MIT',
    main: 'index.js',
    bin: { [name]: 'cli.js' },
    engines: { node: '>=20' },
    scripts: { test: 'node --test', build: 'node build.js', prepare: 'npm run build' },
    author: { name: 'A. Author', email: 'author@example.com' },
    repository: { type: 'git', url: 'git+https://git.example.com/team/measured.git' },
    keywords: ['bench', 'measure', 'registry'],
    dependencies: versions('runtime', 8),
    devDependencies: versions('tool', 12),
    dist: {
      shasum: hash('sha1', tarball, 'hex'),
      integrity: `sha512-${hash('sha512', tarball, 'base64')}`,
    },
  }
}

function versions(word: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${word}-library-${index}`, `^${index}.2.3`]),
  )
}
