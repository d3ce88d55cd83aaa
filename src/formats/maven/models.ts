/** The metadata models: what is kept of a POM with its package, and of files that are not simply there. */
import { z } from 'zod'

const text = z.string()
const dependency = z.object({
  groupId: text,
  artifactId: text,
  /** Left out: managed elsewhere (a parent, an imported bill of materials). */
  version: text.optional(),
  scope: text,
  optional: z.boolean().optional(),
})
const pom = z.object({
  packaging: text,
  name: text.optional(),
  description: text.optional(),
  url: text.optional(),
  scm: text.optional(),
  issues: text.optional(),
  organization: text.optional(),
  /** `group:artifact:version` */
  parent: text.optional(),
  licenses: z.array(text),
  dependencies: z.array(dependency),
  /** Of a plugin: what stands before the colon in `mvn prefix:goal`, where the POM sets it. */
  goalPrefix: text.optional(),
})
const packageModel = z.object({ pom: pom.optional() })
const fileModel = z.object({
  /** This is no file of the package but a checksum waiting for the file whose path it extends. */
  awaits: z.object({ algorithm: z.enum(['md5', 'sha1', 'sha256', 'sha512']), digest: text }).optional(),
  /** Of an upstream's SNAPSHOT: as its metadata lists the file, where the name alone may be read otherwise. */
  listed: z
    .object({
      classifier: text.optional(),
      extension: text,
      /** `yyyyMMddHHmmss`, UTC */
      updated: text.optional(),
    })
    .optional(),
  /** Only named for the sake of documents: an upstream said that this version or build is there, not which files it has. */
  nominal: z.boolean().optional(),
})

export type Pom = z.infer<typeof pom>
export type PomDependency = z.infer<typeof dependency>
export interface MavenModels {
  readonly package: z.infer<typeof packageModel>
  readonly file: z.infer<typeof fileModel>
}

/** Until its POM arrives a package has no metadata. */
export function decodePackage(value: unknown): MavenModels['package'] {
  return packageModel.parse(value ?? {})
}

export function decodeFile(value: unknown): MavenModels['file'] {
  return fileModel.parse(value ?? {})
}
