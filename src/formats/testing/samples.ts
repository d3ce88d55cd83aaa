/** What a format tells the shared suite (`testFormat`) about itself, beside its `Format` value. */

/** A request as its client sends it; `path` is relative to the level's prefix and already percent-encoded. */
export interface ClientRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}
/** A made-up package; other `content` gives other bytes. */
export interface SamplePackage {
  readonly name: string
  readonly version: string
  readonly content: string
}
export interface FormatSamples {
  /** Two good names that any project may publish, not equal after normalisation. */
  readonly names: readonly [string, string]
  /** A name whose instance-level owner is the top-level group `group` (formats with `names.owner`). */
  ownedName?(groupPath: string): string
  /** Spellings and what they normalise to. */
  readonly normalized: readonly (readonly [given: string, normalized: string])[]
  readonly badNames: readonly string[]
  readonly badVersions: readonly string[]
  /** In ascending order (pairwise different), the hard cases included. */
  readonly versions: readonly string[]
  /** Two publishable versions, the second newer. */
  readonly publishable: readonly [string, string]
  /** What the client sends to publish. The first request fails if the publication is refused. */
  publish(pkg: SamplePackage): readonly ClientRequest[]
  /** Where the (main) file is then downloaded. */
  file(pkg: SamplePackage): { readonly path: string; readonly bytes: Uint8Array }
  /** Documents about the package: each answers 200 and contains `version` while the version is there. */
  documents(pkg: SamplePackage): readonly ClientRequest[]
  /** Status of the refusal when other bytes are published under the same version and duplicates are refused. */
  readonly duplicateStatus: number
  /** How its client deletes one version, where the protocol has it (otherwise REST is used). */
  remove?(pkg: SamplePackage): readonly ClientRequest[]
  /** Malicious or broken uploads and requests, at least ten, made in code. Each must be answered with 4xx. */
  readonly badInputs: readonly (ClientRequest & { readonly title: string; readonly status?: number })[]
}
