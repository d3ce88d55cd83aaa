import type { Limited } from '../records/usage.ts'
import { quotaExceeded } from './quota-exceeded.ts'
import type { DiskFloor } from './disk-floor.ts'

/** What one upload may still take: of the quotas it falls under, and of the disk. */
export interface Room {
  /**
   * Counts bytes that arrived. Throws 413 `quota_exceeded` where they, with all uploads under way in this process, go
   * beyond a quota, and now and then 507; the promise is to be awaited where there is one.
   */
  take(bytes: number): Promise<void> | undefined
  /** The upload is over: what was taken is part of a package now, or gone. */
  end(): void
}

export interface Rooms {
  /**
   * `announced`: the least that will arrive, as far as one knows. Where that is nothing, nothing is refused either: what
   * is written may well be a removal. Throws as `take`.
   */
  open(limits: readonly Limited[], announced: number): Promise<Room>
}

const askDiskEvery = 8 * 1024 * 1024

/** Room for uploads. What is under way is counted in this process; the commit of a publication decides in the end. */
export function createRooms(disk: DiskFloor): Rooms {
  const underWay = new Map<string, number>()
  function check(limits: readonly Limited[], bytes: number): void {
    for (const one of limits) {
      const used = one.used + (underWay.get(keyOf(one)) ?? 0)
      if (used + bytes > one.limit) throw quotaExceeded({ ...one, used }, bytes)
    }
  }
  function count(limits: readonly Limited[], bytes: number): void {
    for (const key of limits.map(keyOf)) {
      const sum = (underWay.get(key) ?? 0) + bytes
      if (sum > 0) underWay.set(key, sum)
      else underWay.delete(key)
    }
  }
  return {
    async open(limits, announced) {
      if (announced > 0) {
        await disk.demand(announced)
        check(limits, announced)
      }
      let taken = 0
      let untilDisk = 0
      return {
        take(bytes) {
          check(limits, bytes)
          count(limits, bytes)
          taken += bytes
          untilDisk -= bytes
          if (untilDisk >= 0) return undefined
          untilDisk = askDiskEvery
          return disk.demand(0)
        },
        end() {
          count(limits, -taken)
          taken = 0
        },
      }
    },
  }
}

const keyOf = ({ kind, id }: Limited) => `${kind} ${id}`
