import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/server/clock.ts'
import { createFiles } from '../../../src/server/files/files.ts'
import type { Files } from '../../../src/server/files/files.ts'
import { silentLog } from '../../../src/server/log.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { LARGEST_FILE_BYTES } from '../../../src/shared/files.ts'
import type { FileId } from '../../../src/shared/ids.ts'
import { png } from '../../support/pictures.ts'

let folder: string
let files: Files
let free = Number.MAX_SAFE_INTEGER
const id = 'file-1' as FileId
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-files-'))
  free = Number.MAX_SAFE_INTEGER
  files = createFiles({ folder, storage: createMemoryStorage(), randomBytes: () => randomBytes(16), clock: systemClock, log: silentLog, freeBytes: async () => free })
})
afterEach(() => rm(folder, { recursive: true }))

async function* pieces(...given: (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of given) {
    if (piece instanceof Error) throw piece
    yield piece
  }
}
const hello = Buffer.from('Hello')

describe('files on disk', () => {
  it('come back as they went in, under a name that nobody chose', async () => {
    const picture = png(3, 2)
    expect(await files.put(id, 'cat.png', pieces(picture.subarray(0, 10), picture.subarray(10)))).toEqual({
      kind: 'added', file: { id, name: 'cat.png', mediaType: 'image/png', size: picture.length, width: 3, height: 2 },
    })
    expect(Buffer.from((await files.read(id)) ?? [])).toEqual(picture)
    expect(Buffer.from((await files.read(id, 4)) ?? [])).toEqual(picture.subarray(0, 4))
    expect(Buffer.from(await new Response((await files.get(id))?.open()).arrayBuffer())).toEqual(picture)
    const [name, ...others] = await readdir(folder)
    expect(others).toEqual([])
    expect(name).toMatch(/^[\w-]{22}$/)
  })

  it('sent twice, at once even, are one; another file under the same id is refused and leaves nothing', async () => {
    const both = await Promise.all([files.put(id, 'a.txt', pieces(hello)), files.put(id, 'a.txt', pieces(hello))])
    expect(both.map((put) => put.kind).toSorted()).toEqual(['added', 'same'])
    expect(await files.put(id, 'a.txt', pieces(Buffer.from('Other')))).toEqual({ kind: 'conflict' })
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('that are empty are files too', async () => {
    expect(await files.put(id, 'empty.txt', pieces())).toMatchObject({ kind: 'added', file: { size: 0, mediaType: 'text/plain' } })
  })

  it('that grow too large, break off, or find no room leave nothing behind', async () => {
    const big = Buffer.alloc(LARGEST_FILE_BYTES)
    expect(await files.put(id, 'big', pieces(big, hello))).toEqual({ kind: 'too-large' })
    await expect(files.put(id, 'half', pieces(hello, new Error('gone')))).rejects.toThrow('gone')
    expect(await files.put(id, 'full', pieces(hello, Object.assign(new Error('disk'), { code: 'ENOSPC' })))).toEqual({ kind: 'no-room' })
    free = 1_000
    expect(await files.put(id, 'full', pieces(hello))).toEqual({ kind: 'no-room' })
    expect(await readdir(folder)).toEqual([])
    expect(await files.get(id)).toBeNull()
    free = Number.MAX_SAFE_INTEGER
    expect(await files.put(id, 'just right', pieces(big))).toMatchObject({ kind: 'added' })
  })

  it('that nothing names go after a while, and so does what a crash left; the young and the known stay', async () => {
    await files.put(id, 'a.txt', pieces(hello))
    await writeFile(join(folder, 'crashed.part'), 'x')
    await writeFile(join(folder, 'arriving.part'), 'x')
    await utimes(join(folder, 'crashed.part'), 1, 1)
    expect(await files.sweep(60_000)).toBe(1)
    expect(await readdir(folder)).toHaveLength(2)
    expect((await files.get(id))?.file.name).toBe('a.txt')
    expect(await files.sweep(0)).toBe(1)
    expect(await files.get(id)).toBeNull()
    expect(await files.read(id)).toBeNull()
    expect(await readdir(folder)).toEqual(['arriving.part'])
  })

  it('that somebody removed from the folder are not there, and no error', async () => {
    await files.put(id, 'a.txt', pieces(hello))
    await rm(folder, { recursive: true })
    expect(await files.get(id)).toBeNull()
    expect(await files.read(id)).toBeNull()
    expect(await files.sweep(60_000)).toBe(0)
    expect(await files.put('file-2' as FileId, 'b.txt', pieces(hello))).toMatchObject({ kind: 'added' })
  })
})
