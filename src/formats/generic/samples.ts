/** What the shared suite publishes, and what it must see refused. */
import type { ClientRequest, FormatSamples, SamplePackage } from '../testing/samples.ts'

const pathOf = ({ name, version }: Pick<SamplePackage, 'name' | 'version'>) =>
  `/${name}/${version}/some/file.bin`

function put(path: string, headers: Readonly<Record<string, string>> = {}): ClientRequest {
  return { method: 'PUT', path, headers, body: 'x' }
}

function refused(title: string, path: string, headers?: Readonly<Record<string, string>>) {
  return { title, status: 400, ...put(path, headers) }
}

export const samples: FormatSamples = {
  names: ['tiny', 'other.tool+x_1'],
  normalized: [
    ['tiny', 'tiny'],
    ['Tiny-1.x_y+z', 'Tiny-1.x_y+z'],
  ],
  badNames: ['', 'a b', 'a/b', '@a', 'a%20b', '\u00e9', 'a\u0000', 'a\n', '\u202ea', 'x'.repeat(256)],
  badVersions: ['', '1..0', 'a b', '1/0', '1:0', '~1', '1\n', '\u0661', 'x'.repeat(256)],
  versions: ['1.0', '1.0.0', '1.0+build', 'v1', '2024-01-31', 'latest', '1-SNAPSHOT_2'],
  publishable: ['1.0.0', '1.1.0'],
  publish: (pkg) => [{ method: 'PUT', path: pathOf(pkg), body: `generic ${pkg.content}` }],
  file: (pkg) => ({ path: pathOf(pkg), bytes: Buffer.from(`generic ${pkg.content}`) }),
  documents: () => [],
  duplicateStatus: 400,
  remove: (pkg) => [{ method: 'DELETE', path: pathOf(pkg) }],
  badInputs: [
    refused('a name with a space', '/bad%20name/1.0/file.bin'),
    refused('a name of 256 characters', `/${'x'.repeat(256)}/1.0/file.bin`),
    refused('a scope in the name', '/%40acme%2Ftiny/1.0/file.bin'),
    refused('a version with two dots', '/bad/1..0/file.bin'),
    refused('a version with a slash', '/bad/1%2F0/file.bin'),
    refused('a version that climbs up', '/bad/%2e%2e/file.bin'),
    refused('a file name that climbs up', '/bad/1.0/..%2Ffile.bin'),
    refused('a nested file name that climbs up', '/bad/1.0/a/../../file.bin'),
    refused('a file name with a leading tilde', '/bad/1.0/~file.bin'),
    refused('a file name with a trailing tilde', '/bad/1.0/file.bin~'),
    refused('a file name with a colon', '/bad/1.0/C:file.bin'),
    refused('a file name with a line feed', '/bad/1.0/file%0a.bin'),
    refused('a file name that reads backwards', '/bad/1.0/%E2%80%AEnib.exe'),
    refused('a file name of 256 characters', `/bad/1.0/${'x'.repeat(256)}`),
    refused('an unknown status', '/bad/1.0/file.bin?status=secret'),
    refused('an unknown selection', '/bad/1.0/file.bin?select=everything'),
    refused('a checksum that is none', '/bad/1.0/file.bin', { 'x-checksum-sha256': 'abc' }),
    refused('a checksum of other bytes', '/bad/1.0/file.bin', { 'x-checksum-sha256': '0'.repeat(64) }),
    { title: 'an empty segment', status: 404, ...put('/bad/1.0/a//file.bin') },
    { title: 'a directory', status: 404, ...put('/bad/1.0/') },
    { title: 'no file name', status: 404, ...put('/bad/1.0') },
    { title: 'deleting what is not there', status: 404, method: 'DELETE', path: '/bad/1.0/file.bin' },
  ],
}
