import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { startServer } from './server.ts'
import type { Server, StartedServer } from './server.ts'

export type Visibility = 'private' | 'internal' | 'public'
export type Level = 'project' | 'group' | 'instance'
export const levels: readonly Level[] = ['project', 'group', 'instance']

/** A project in a top-level group of its own. */
export interface World {
  readonly server: Server
  readonly group: { readonly id: number; readonly path: string }
  readonly project: { readonly id: number; readonly fullPath: string }
  /** May do everything. */
  readonly token: string
  /** `http://.../packages/<format>` of this project, its group or the instance; no slash at the end. */
  address(format: string, level?: Level): string
}

/** The run's server (its address stands in the environment), or one for this file where it runs alone. */
export function sharedServer(): () => Server {
  const { CLIENTS_SERVER_URL: url, CLIENTS_SERVER_TOKEN: token } = process.env
  if (url && token) return () => ({ url, token })
  let own: StartedServer | undefined
  before(async () => {
    own = await startServer()
  })
  after(async () => {
    await own?.stop()
  })
  return () => {
    assert.ok(own, 'the server has started')
    return own
  }
}

/** Creates a group and a project in it, by REST. `path` must be new on the server; left out, one is made up. */
export async function makeWorld(
  server: Server,
  visibility: Visibility,
  path = `team-${process.pid}-${++made}`,
): Promise<World> {
  const group = await post<{ id: number }>(server, 'groups', { name: path, path, visibility })
  const project = await addProject(server, group.id, 'lib', visibility)
  return {
    server,
    group: { id: group.id, path },
    project: { id: project.id, fullPath: `${path}/lib` },
    token: server.token,
    address(format, level = 'project') {
      const owner = { project: `projects/${project.id}/`, group: `groups/${group.id}/-/`, instance: '' }[
        level
      ]
      return `${server.url}/api/v4/${owner}packages/${format}`
    },
  }
}
let made = 0

export function addProject(
  server: Server,
  groupId: number,
  path: string,
  visibility: Visibility,
): Promise<{ id: number }> {
  return post(server, 'projects', { name: path, path, namespace_id: groupId, visibility })
}

/** A REST call as the administrator; fails unless it is answered with 2xx. */
export async function post<T>(server: Server, path: string, body: unknown): Promise<T> {
  const reply = await fetch(`${server.url}/api/v4/${path}`, {
    method: 'POST',
    headers: { 'private-token': server.token, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await reply.text()
  assert.ok(reply.ok, `POST ${path}: ${reply.status} ${text}`)
  return JSON.parse(text) as T
}
