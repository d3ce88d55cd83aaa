export interface Amount {
  readonly count: number
  readonly bytes: number
}

/** How far long work has come. */
export interface Progress {
  readonly what: 'rows' | 'blobs'
  readonly done: Amount
  /** Left out where it is not known. */
  readonly total?: Amount
}

export type OnProgress = (progress: Progress) => void
