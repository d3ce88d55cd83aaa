/**
 * What maintainers say of what is published: releases and files that are yanked (PEP 592), and the status of a project
 * (PEP 792). No client sends these; the addresses are ours.
 */
import { invalid, notFound } from '../../lib/problem.ts'
import { readBytes } from '../handlers.ts'
import type { PackageView, Reply, Request, WriteCall } from '../format.ts'
import { filePath } from './file-names.ts'
import { isObject, projectStatuses, type PypiModels, type StoredFile } from './models.ts'
import { missing, normalizeName } from './names.ts'
import { decodeUtf8, parseJson } from './texts.ts'
import { normalForm } from './versions.ts'

const maxBody = 64 * 1024
const maxReason = 4096
const done: Reply = { status: 204 }

/** `PUT /yank/:name/:version`, with `{"reason"}` or without a body. */
export async function yankRelease(call: WriteCall<PypiModels>): Promise<Reply> {
  const reason = reasonOf(await readBody(call.request))
  const { name, version } = await release(call)
  const standing = { kind: 'withdrawn', ...(reason !== undefined && { reason }) } as const
  await call.registry.amend(name, [{ version, standing }])
  return done
}

/** `DELETE /yank/:name/:version`. */
export async function restoreRelease(call: WriteCall<PypiModels>): Promise<Reply> {
  const { name, version } = await release(call)
  await call.registry.amend(name, [{ version, standing: null }])
  return done
}

/** `PUT /yank/:name/:version/:file`: that file alone. */
export async function yankFile(call: WriteCall<PypiModels>): Promise<Reply> {
  const reason = reasonOf(await readBody(call.request)) ?? ''
  return changeFile(call, (metadata) => ({ ...metadata, yanked: reason }))
}

/** `DELETE /yank/:name/:version/:file`. */
export function restoreFile(call: WriteCall<PypiModels>): Promise<Reply> {
  return changeFile(call, (metadata) => {
    const { yanked: _, ...rest } = metadata
    return rest
  })
}

async function changeFile(
  call: WriteCall<PypiModels>,
  change: (metadata: StoredFile) => StoredFile,
): Promise<Reply> {
  const { name, version, files } = await release(call)
  const path = filePath(normalizeName(name), call.params['file'] ?? '')
  const file = files.find((one) => one.path === path)
  if (file?.metadata.kind !== 'wheel' && file?.metadata.kind !== 'sdist')
    throw notFound('404 Package File Not Found')
  await call.registry.amend(name, [{ version, path, metadata: change(file.metadata) }])
  return done
}

async function release({ registry, params }: WriteCall<PypiModels>): Promise<PackageView<PypiModels>> {
  const pkg = await registry.get(normalizeName(params['name'] ?? ''), normalForm(params['version'] ?? ''))
  if (!pkg) throw missing()
  return pkg
}

/** `PUT /project-status/:name` with `{"status", "reason"}`. */
export async function setStatus({ registry, request, params }: WriteCall<PypiModels>): Promise<Reply> {
  const name = normalizeName(params['name'] ?? '')
  const body = await readBody(request)
  const status = projectStatuses.find((one) => one === body['status'])
  if (status === undefined) throw invalid(`status must be one of ${projectStatuses.join(', ')}`)
  const reason = reasonOf(body)
  await registry.amend(name, [{ metadata: { v: 1, status, ...(reason !== undefined && { reason }) } }])
  return done
}

async function readBody({ body }: Request): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readBytes(body, maxBody)
  if (bytes.length === 0) return {}
  const value = parseJson('the request body', decodeUtf8('the request body', bytes))
  if (!isObject(value)) throw invalid('the request body must be a JSON object')
  return value
}

function reasonOf({ reason }: Readonly<Record<string, unknown>>): string | undefined {
  if (reason === undefined || reason === null || reason === '') return undefined
  if (typeof reason !== 'string' || reason.length > maxReason)
    throw invalid(`reason must be a text of at most ${maxReason} characters`)
  return reason
}
