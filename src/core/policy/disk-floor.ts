import type { MinFree } from '../../config/storage-care-keys.ts'
import { byteAmount } from '../../lib/byte-amount.ts'
import { Problem } from '../../lib/problem.ts'
import type { DiskSpace } from '../../storage/disk-space.ts'

/** Keeps publications from filling the disk: a database that cannot write any more is worse than a refusal. */
export interface DiskFloor {
  /** Throws 507 unless `bytes` more leave enough of every disk free. Asked of the system at most once a second. */
  demand(bytes: number): Promise<void>
}

export interface FloorRules {
  /** On the disks in question; none where everything is stored elsewhere. */
  readonly directories: readonly string[]
  readonly minFree: MinFree
  readonly readSpace: (directory: string) => Promise<DiskSpace>
}

const freshMs = 1000

/** A floor under the free space of some disks. */
export function createDiskFloor({ directories, minFree, readSpace }: FloorRules): DiskFloor {
  const isOff = directories.length === 0 || (minFree.bytes === 0 && minFree.share === 0)
  let known: Promise<readonly DiskSpace[]> | undefined
  let until = 0
  const read = () => {
    const now = performance.now()
    if (!known || now >= until) {
      until = now + freshMs
      // Whoever cannot be asked will say more clearly what is wrong when it is written to.
      known = Promise.all(directories.map((one) => readSpace(one).catch(() => boundless)))
    }
    return known
  }
  return {
    async demand(bytes) {
      if (isOff) return
      for (const { free, total } of await read()) {
        const least = Math.max(minFree.bytes, minFree.share * total)
        if (free - bytes < least) throw noRoom(free, least)
      }
    },
  }
}

const boundless: DiskSpace = { free: Infinity, total: 0 }

function noRoom(free: number, least: number): Problem {
  const message = `The server has ${byteAmount(free)} of its disk left, and ${byteAmount(least)} must stay free: nothing is published until there is more; reading goes on`
  return new Problem(507, 'insufficient_storage', message)
}
