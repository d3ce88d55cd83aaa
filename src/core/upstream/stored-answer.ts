import type { Core } from '../core.ts'
import { readSmall } from '../bytes/open-stored.ts'
import { smallFile } from '../bytes/file-cache.ts'
import { checkedBytes } from '../bytes/open-stored.ts'
import type { KeptDocument } from '../records/upstream-documents.ts'
import type { Upstream } from '../records/upstreams.ts'
import type { RawAnswer } from './read-documents.ts'

void readSmall
void smallFile
void checkedBytes
void ({} as Core & KeptDocument & Upstream & RawAnswer)
