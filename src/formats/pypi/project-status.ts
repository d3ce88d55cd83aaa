/** The status of a project (PEP 792), and what it forbids. */
import { forbidden, notFound } from '../../lib/problem.ts'
import type { RegistryReader } from '../format.ts'
import type { ProjectStatus, PypiModels } from './models.ts'

type Reader = RegistryReader<PypiModels>

async function statusOf(registry: Reader, name: string): Promise<ProjectStatus | undefined> {
  return (await registry.head(name))?.metadata?.status
}

/** Throws 403 where nothing may be published to the project. */
export async function refuseClosed(registry: Reader, name: string): Promise<void> {
  const status = await statusOf(registry, name)
  if (status === 'archived' || status === 'quarantined')
    throw forbidden(
      `403 Forbidden - the project ${name} is ${status}: nothing is published to it until a maintainer changes that`,
    )
}

/** Throws 404 where no file of the project may be had. */
export async function refuseQuarantined(registry: Reader, name: string): Promise<void> {
  if ((await statusOf(registry, name)) === 'quarantined')
    throw notFound(
      `404 Package Not Found - the project ${name} is quarantined: nothing of it is served until a maintainer changes that`,
    )
}
