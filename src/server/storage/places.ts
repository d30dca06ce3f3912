/** Where a message stands in its thread: by run, then within the run. */
export interface Place {
  readonly run: number
  readonly idx: number
}

export function placeOf({ run, idx }: Place): string {
  return `${run}.${idx}`
}

/** A cursor that nobody here wrote means the end: a page is no place to fail. */
export function readPlace(cursor: string | undefined): Place {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(cursor ?? '')
  return match === null ? { run: Number.MAX_SAFE_INTEGER, idx: 0 } : { run: Number(match[1]), idx: Number(match[2]) }
}
