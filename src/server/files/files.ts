/**
 * Files that people attach. Their bytes lie in a folder beside the database, each under a random name of its own; what is known of them, and which
 * thread keeps them, is in the store. A file is there once the store says so, which comes last: a crash leaves bytes without a record at most,
 * and those are swept.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { LARGEST_FILE_BYTES, safeFileName } from '../../shared/files.ts'
import { encodeId } from '../../shared/ids.ts'
import type { FileId } from '../../shared/ids.ts'
import type { StoredFile } from '../../shared/protocol.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { createTextCheck, HEAD_BYTES, mediaTypeOf, pictureSize } from './media-type.ts'

export interface Files {
  /**
   * Takes a file in as it comes. The same id and bytes again is the same file. Rejects with the stream's error where that breaks off; then, and
   * whatever else is not `added` or `same`, nothing is kept.
   */
  put(id: FileId, name: string, body: AsyncIterable<Uint8Array>): Promise<Put>
  /** Null: there is no such file. */
  get(id: FileId): Promise<FoundFile | null>
  /** The bytes as far as `most`; null: there is no such file. */
  read(id: FileId, most?: number): Promise<Uint8Array | null>
  /** Removes what no thread keeps and came more than `olderThanMs` ago, and bytes that a crash left. Answers how many. */
  sweep(olderThanMs: number): Promise<number>
}

export type Put =
  | { readonly kind: 'added' | 'same'; readonly file: StoredFile }
  /** Another file has this id. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'too-large' }
  /** The disk, or what this user may have of it, is full. */
  | { readonly kind: 'no-room' }

export interface FoundFile {
  readonly file: StoredFile
  /** SHA-256 in hex. */
  readonly hash: string
  open(): ReadableStream<Uint8Array>
}

export interface FilesDeps {
  readonly folder: string
  readonly storage: Pick<Storage, 'putFile' | 'getFile' | 'removeUnusedFiles' | 'listBlobs'>
  readonly randomBytes: () => Uint8Array
  readonly clock: Clock
  readonly log: Log
  /** Bytes that the disk of this folder still takes. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** Left free for the database: uploads must not be what stops an answer from being written down. */
const RESERVED_BYTES = 128 * 1024 * 1024
/** Bytes that are this old and have no record were left by a crash. */
const ABANDONED_MS = 3_600_000

export function createFiles({ folder, storage, randomBytes, clock, log, freeBytes = freeOn }: FilesDeps): Files {
  const pathOf = (blob: string) => join(folder, blob)

  async function receive(handle: FileHandle, body: AsyncIterable<Uint8Array>): Promise<Received | null> {
    const hash = createHash('sha256')
    const text = createTextCheck()
    const head: Uint8Array[] = []
    let headBytes = 0
    let size = 0
    for await (const chunk of body) {
      size += chunk.byteLength
      if (size > LARGEST_FILE_BYTES) return null
      if (headBytes < HEAD_BYTES) {
        head.push(chunk)
        headBytes += chunk.byteLength
      }
      text.take(chunk)
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    await handle.sync()
    return { size, hash: hash.digest('hex'), head: Buffer.concat(head).subarray(0, HEAD_BYTES), isText: text.end() }
  }

  async function record(id: FileId, given: string, blob: string, { size, hash, head, isText }: Received): Promise<Put> {
    const name = safeFileName(given)
    const mediaType = mediaTypeOf(head, name, isText)
    const put = await storage.putFile({ id, name, mediaType, size, ...pictureSize(head, mediaType), blob, hash })
    if (put.kind !== 'added') await rm(pathOf(blob), { force: true })
    return put
  }

  return {
    async put(id, name, body) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      if ((await freeBytes(folder)) < RESERVED_BYTES) return { kind: 'no-room' }
      const blob = encodeId(randomBytes())
      const arriving = `${pathOf(blob)}.part`
      try {
        const handle = await open(arriving, 'wx', 0o600)
        let received: Received | null
        try {
          received = await receive(handle, body)
        } finally {
          await handle.close()
        }
        if (received === null) return { kind: 'too-large' }
        await rename(arriving, pathOf(blob))
        return await record(id, name, blob, received)
      } catch (error) {
        if (isCode(error, 'ENOSPC', 'EDQUOT')) {
          log.error({ err: error, folder }, 'there is no room for a file')
          return { kind: 'no-room' }
        }
        throw error
      } finally {
        await rm(arriving, { force: true })
      }
    },
    async get(id) {
      const kept = await storage.getFile(id)
      if (kept === null || !(await isThere(pathOf(kept.blob)))) return null
      return { file: kept.file, hash: kept.hash, open: () => Readable.toWeb(createReadStream(pathOf(kept.blob))) as ReadableStream<Uint8Array> }
    },
    async read(id, most) {
      const kept = await storage.getFile(id)
      if (kept === null) return null
      try {
        return most === undefined || kept.file.size <= most ? await readFile(pathOf(kept.blob)) : await readHead(pathOf(kept.blob), most)
      } catch (error) {
        if (isCode(error, 'ENOENT')) return null
        throw error
      }
    },
    async sweep(olderThanMs) {
      const unused = await storage.removeUnusedFiles(olderThanMs)
      for (const blob of unused) await rm(pathOf(blob), { force: true })
      // The folder first: what arrives between the two looks has no record yet, but is young.
      const lying = await readdir(folder).catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) return []
        throw error
      })
      const known = new Set(await storage.listBlobs())
      let abandoned = 0
      for (const name of lying) {
        if (known.has(name)) continue
        const age = await stat(pathOf(name)).then((seen) => clock.now() - seen.mtimeMs, () => 0) // it has gone by itself
        if (age < ABANDONED_MS) continue
        await rm(pathOf(name), { force: true })
        abandoned++
      }
      return unused.length + abandoned
    },
  }
}

interface Received {
  readonly size: number
  readonly hash: string
  readonly head: Uint8Array
  /** Every byte of it is text. */
  readonly isText: boolean
}

async function readHead(path: string, most: number): Promise<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(most), 0, most, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, (error: unknown) => {
    if (isCode(error, 'ENOENT')) return false
    throw error
  })
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
