/** What a run needs of our server beside what it measures: a project to publish to, packages in it. */
import type { OurServer } from './servers.ts'

export interface Project {
  readonly id: number
}

/** Makes a public group and a project in it. */
export async function createProject(server: OurServer): Promise<Project> {
  const visibility = 'public'
  const group = await post(server, 'groups', { name: 'bench', path: 'bench', visibility })
  return post(server, 'projects', { name: 'lib', path: 'lib', namespace_id: group.id, visibility })
}

async function post(server: OurServer, path: string, body: unknown): Promise<Project> {
  const headers = { 'private-token': server.token, 'content-type': 'application/json' }
  const reply = await fetch(`${server.url}/api/v4/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`POST ${path}: ${reply.status} ${text}`)
  return JSON.parse(text) as Project
}

/** The path of a format's registry of the project, without a slash at the end. */
export function registryPath(project: Project, format: string): string {
  return `/api/v4/projects/${project.id}/packages/${format}`
}

/** Uploads a body. Throws unless it is answered with 201. */
export async function put(server: OurServer, path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { 'private-token': server.token }
  const reply = await fetch(server.url + path, { method: 'PUT', headers, body })
  const text = await reply.text()
  if (reply.status !== 201) throw new Error(`PUT ${path}: ${reply.status} ${text}`)
}
