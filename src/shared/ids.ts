/**
 * Branded identifiers. Thread, message, run and approval ids carry at least 128 random bits and are made
 * where they are first needed (the browser makes thread and message ids, so that a repeated request is
 * recognised). A part id is short and unique within its run only: it travels with every delta.
 */
declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type ThreadId = Branded<'ThreadId'>
export type RunId = Branded<'RunId'>
export type MessageId = Branded<'MessageId'>
export type PartId = Branded<'PartId'>
export type FileId = Branded<'FileId'>
export type ApprovalId = Branded<'ApprovalId'>
/** Names one life of a journal; renewed when a backup is restored, so that old cursors are recognised. */
export type Incarnation = Branded<'Incarnation'>

const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/

/**
 * True for a string that may stand as an id in a path or a body. Ids are keys of records: a name that every object
 * has (`constructor`), or that validation leaves out of a record (`prototype`), would be found or lost there.
 */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID_PATTERN.test(value) && !(value in Object.prototype) && value !== 'prototype'
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Base64url without padding. Callers pass 16 random bytes (128 bits), which gives 22 characters. */
export function encodeId(bytes: Uint8Array): string {
  let out = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 6) {
      bits -= 6
      out += ALPHABET.charAt((held >> bits) & 63)
    }
  }
  if (bits > 0) out += ALPHABET.charAt((held << (6 - bits)) & 63)
  return out
}

/** Words that match the id pattern but are remains of a path or of a value that was never a run id. */
const NOT_RUN_IDS = new Set(['null', 'undefined', 'true', 'false', 'NaN', 'api', 'threads', 'runs', 'stream'])
const LONGEST_STORED_VALUE = 2048

/**
 * The only run-id normalisation. Takes whatever another client left in storage, or a wire value such as
 * a Content-Location path, and gives a clean RunId or null. The rules, in order, and every fixture are in
 * `src/client/run/SPEC.md`, "The run-id cache".
 */
export function parseRunId(stored: string | null | undefined): RunId | null {
  if (typeof stored !== 'string' || stored.length > LONGEST_STORED_VALUE) return null
  const text = decodeOnce(stripQuotes(stored.trim()).trim())
  if (text === '') return null
  const named = /[?&]run_id=([^&#]*)/.exec(text)?.[1]
  if (named !== undefined && isRunId(named)) return named
  const afterRuns = text.lastIndexOf('/runs/')
  if (afterRuns >= 0) return cleanRunId(text.slice(afterRuns + '/runs/'.length))
  const path = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?(\/[^?#]*)/i.exec(text)?.[1]
  if (path === undefined) return cleanRunId(text)
  const segments = path.split('/').filter((segment) => segment !== '')
  return segments.includes('threads') ? null : cleanRunId(segments.at(-1) ?? '')
}

function isRunId(text: string): text is RunId {
  return isId(text) && !NOT_RUN_IDS.has(text)
}

function cleanRunId(text: string): RunId | null {
  const cut = /^[^/?#]*/.exec(text)?.[0] ?? ''
  return isRunId(cut) ? cut : null
}

function stripQuotes(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text
}

function decodeOnce(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return '' // not an encoding anybody wrote on purpose: no run id in it
    throw error
  }
}
