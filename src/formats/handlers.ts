/** Everyday pieces that formats are put together from. */
import { invalid, notFound, tooLarge } from '../lib/problem.ts'
import type { Access, FileView, Reply } from './format.ts'

/** The realm every Basic challenge of ours names. */
export const basicChallenge = 'Basic realm="Entrepot Package Registry"'

/** Basic or Bearer credentials, and errors as `{"message": "..."}`, as GitLab's package routes answer. */
export const basicAccess: Access = {
  challenge: basicChallenge,
  error: ({ status, message }) => ({ status, json: { message } }),
}

/** Names and versions whose only spelling is the one given: checks `rule` and returns the text itself. */
export function matching(what: string, rule: RegExp, maxLength = 255): (text: string) => string {
  return (text) => {
    if (text.length > maxLength) throw invalid(`${what} is longer than ${maxLength} characters`)
    if (!rule.test(text))
      throw invalid(
        `${what} ${JSON.stringify(text.slice(0, 100))} is not allowed: it must match ${rule.source}`,
      )
    return text
  }
}

/** Reads a whole small JSON body. Throws 413 beyond `limit` bytes and 400 if it is no JSON. */
export async function readJson(body: AsyncIterable<Uint8Array>, limit: number): Promise<unknown> {
  const bytes = await readBytes(body, limit)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalid('the request body is not valid JSON')
  }
}

/** Reads a whole small body. Throws 413 beyond `limit` bytes. */
export async function readBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw tooLarge(`the request body is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Replies with the file, or 404 with `message`. */
export function fileOr404(file: FileView<any> | undefined, message = '404 Package Not Found'): Reply {
  if (!file) throw notFound(message)
  return { file }
}

/** The query parameter `name`, which must be one of `allowed`; the first of them where it is left out. Throws 400. */
export function choice<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly [T, ...T[]],
): T {
  const asked = query.get(name) ?? allowed[0]
  const found = allowed.find((value) => value === asked)
  if (found === undefined)
    throw invalid(`${name} does not have a valid value; choose among ${allowed.join(', ')}`)
  return found
}

/** A stored file as GitLab's upload routes answer with it where `select=package_file` asks for it. */
export function packageFile(file: FileView<any>, fileName: string) {
  const at = file.createdAt.toISOString()
  return {
    id: file.id,
    package_id: file.packageId,
    created_at: at,
    updated_at: at,
    size: file.size,
    file_name: fileName,
    file_md5: file.digests.md5 ?? null,
    file_sha1: file.digests.sha1 ?? null,
    file_sha256: file.digests.sha256 ?? null,
    status: 'default',
  }
}
