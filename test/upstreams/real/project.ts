/** A project that is installed: what a format's client does with it. */

/** Where a client gets packages from. */
export interface From {
  /** No slash at the end. */
  readonly url: string
  /** Ours; left out: the client's own registry, with what the machine's settings say. */
  readonly token?: string
}

export interface Installed {
  /** In milliseconds. */
  readonly took: number
  /** The sha256 of every file, by path. */
  readonly files: ReadonlyMap<string, string>
}

export interface RealProject {
  readonly format: string
  /** How many objects a project of a real size has at least. */
  readonly least: number
  /** The address that the client on this machine uses. */
  address(): Promise<string>
  /** Files of certificate authorities that the client trusts, if it names any. */
  authorities(): Promise<string | undefined>
  /** Composes it in a folder of its own; what comes back is what two compositions must have in common. */
  compose(folder: string, from: From): Promise<string>
  /** Installs what was composed in `composed`, in a new folder, with nothing in the client's own cache. */
  install(composed: string, folder: string, from: From): Promise<Installed>
  /** How many objects such an installation fetches. */
  count(composed: string, installed: Installed): Promise<number>
}

/** Runs it and takes the time. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly took: number; readonly result: T }> {
  const began = performance.now()
  const result = await work()
  return { took: performance.now() - began, result }
}
