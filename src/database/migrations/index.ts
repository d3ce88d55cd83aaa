import { initial } from './0001-initial.ts'
import { eventOrder } from './0002-event-order.ts'
import { jobRequests } from './0003-job-requests.ts'
import { retention } from './0004-retention.ts'
import { packageDownloads } from './0005-package-downloads.ts'
import { storageCare } from './0006-storage-care.ts'
import { collectionHolds } from './0007-collection-holds.ts'
import { search } from './0008-search.ts'
import { usageChanges } from './0009-usage-changes.ts'
import { nameLetters } from './0010-name-letters.ts'
import { upstreams } from './0011-upstreams.ts'
import { lists } from './0012-lists.ts'
import { indexSets } from './0013-index-sets.ts'
import { insides } from './0014-insides.ts'
import { keptNames } from './0015-kept-names.ts'
import { reservationAnchors } from './0016-reservation-anchors.ts'
import type { Migration } from './migration.ts'

/** All steps, in order; a released one never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-event-order': eventOrder,
  '0003-job-requests': jobRequests,
  '0004-retention': retention,
  '0005-package-downloads': packageDownloads,
  '0006-storage-care': storageCare,
  '0007-collection-holds': collectionHolds,
  '0008-search': search,
  '0009-usage-changes': usageChanges,
  '0010-name-letters': nameLetters,
  '0011-upstreams': upstreams,
  '0012-lists': lists,
  '0013-index-sets': indexSets,
  '0014-insides': insides,
  '0015-kept-names': keptNames,
  '0016-reservation-anchors': reservationAnchors,
}
