/** The end of an upload: a .changes names what came before it, and all of that is published at once. */
import { invalid } from '../../lib/problem.ts'
import { readBytes } from '../handlers.ts'
import type { FileView, NewFile, Publication, Registry, Reply, StagedBlob, WriteCall } from '../format.ts'
import { readBinary, type Part, type Target } from './binary.ts'
import { readFileName, type DebianFileName } from './file-names.ts'
import { isBinary, type DebianModels, type StoredFile } from './models.ts'
import { poolFolder } from './pool.ts'
import { suiteKey } from './read.ts'
