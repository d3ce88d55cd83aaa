/** Which of a SNAPSHOT version's files are the newest ones. */
import type { FileView } from '../format.ts'
import { isArtifact } from './checksums.ts'
import type { MavenModels } from './models.ts'
import { fileCoordinates } from './paths.ts'
import type { FileCoordinates } from './paths.ts'

type File = FileView<MavenModels>
export type SnapshotFile = FileCoordinates & { readonly file: File }

/** One file for each classifier and extension, in order of these: of the highest build, the plain name counting lowest. */
export function newestBuilds(files: readonly File[]): SnapshotFile[] {
  const newest = new Map<string, SnapshotFile>()
  for (const file of files) {
    const coordinates = file.metadata.nominal ? undefined : coordinatesOf(file)
    if (!coordinates) continue
    const key = `${coordinates.classifier ?? ''}:${coordinates.extension}`
    const known = newest.get(key)
    if (!known || compareBuilds(coordinates, known) > 0) newest.set(key, { ...coordinates, file })
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}

/** The highest build that any of the files belongs to. */
export function newestBuild(files: readonly File[]): FileCoordinates['build'] {
  let newest: FileCoordinates | undefined
  for (const file of files) {
    const coordinates = coordinatesOf(file)
    if (coordinates && (!newest || compareBuilds(coordinates, newest) > 0)) newest = coordinates
  }
  return newest?.build
}

/** As its metadata lists it, else as its name says. */
function coordinatesOf(file: File): FileCoordinates | undefined {
  if (!isArtifact(file)) return undefined
  const { name, version, path } = file
  const named = fileCoordinates(name, version, path.slice(path.lastIndexOf('/') + 1))
  const { listed } = file.metadata
  if (!named || !listed) return named
  return { classifier: listed.classifier, extension: listed.extension, build: named.build }
}

/** By number before time: clients count on from what is there, but their clocks differ. */
function compareBuilds({ build: a }: FileCoordinates, { build: b }: FileCoordinates): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0)
  return a.number - b.number || (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0)
}
