import { expect, test } from 'vitest'
import type { FileId, ThreadId } from '../../../src/shared/ids.ts'
import type { NewFile } from '../../../src/server/storage/storage.ts'
import type { Subject } from './conformance.ts'
import { finish, names, running, startOf, wholeTurn } from './scene.ts'
import type { Names } from './scene.ts'

export function files(on: Subject): void {
  const fileOf = (n: Names, name = 'a.txt', change: Partial<NewFile> = {}): NewFile => {
    const id = `${n.thread}-${name.replace('.', '-')}` as FileId
    return { id, blob: `blob-${id}`, name, mediaType: 'text/plain', size: 5, hash: `hash of ${name}`, ...change }
  }
  const put = async (n: Names, name?: string, change?: Partial<NewFile>) => {
    const file = fileOf(n, name, change)
    expect(await on.storage.putFile(file)).toMatchObject({ kind: 'added' })
    return file.id
  }
  const withFile = (n: Names, file: FileId, more: object = {}) => startOf(n, { message: { id: n.human, parts: [{ kind: 'text', text: 'Look' }, { kind: 'file', file }] }, ...more })

  test('a file is known again by its id and its bytes', async () => {
    const n = names()
    const file = fileOf(n, 'cat.png', { mediaType: 'image/png', width: 3, height: 2 })
    const { blob: _blob, hash: _hash, ...known } = file
    expect(await on.storage.putFile(file)).toEqual({ kind: 'added', file: known })
    expect(await on.storage.putFile({ ...file, blob: 'elsewhere', name: 'other.png' })).toEqual({ kind: 'same', file: known })
    expect(await on.storage.putFile({ ...file, hash: 'another' })).toEqual({ kind: 'conflict' })
    expect(await on.storage.getFile(file.id)).toEqual({ file: known, blob: file.blob, hash: file.hash })
    expect(await on.storage.getFile('nobody' as FileId)).toBeNull()
    expect(await on.storage.listBlobs()).toContain(file.blob)
  })

  test('a message says of its files what the store knows, everywhere it is told', async () => {
    const n = names()
    const file = await put(n)
    const part = { id: 'h2', kind: 'file', file, name: 'a.txt', mediaType: 'text/plain', size: 5, state: 'done' }
    const started = await on.storage.start(withFile(n, file))
    expect(started).toMatchObject({ kind: 'started', event: { message: { parts: [{ id: 'h1', text: 'Look' }, part] } } })
    expect(await on.storage.start(withFile(n, file))).toMatchObject({ kind: 'same' })
    expect((await on.storage.branch(n.thread, n.human))[0]?.parts[1]).toMatchObject(part)
    expect((await on.storage.read(n.run, 0, 1))[0]).toMatchObject({ message: { parts: [{}, part] } })
    // A list of questions shows what was asked; the name of a file is found all the same.
    expect((await on.storage.find(n.thread, { limit: 5 }))?.hits).toMatchObject([{ excerpt: 'Look' }])
    expect((await on.storage.find(n.thread, { text: part.name, limit: 5 }))?.hits).toHaveLength(1)
  })

  test('a message that names a file which is not here is not taken, and neither is its thread', async () => {
    const n = names()
    expect(await on.storage.start(withFile(n, 'gone' as FileId))).toEqual({ kind: 'missing-file', file: 'gone' })
    expect(await on.storage.getThread(n.thread)).toBeNull()
  })

  test('a message of files alone has the name of the first for its title', async () => {
    const n = names()
    const file = await put(n, 'report.pdf')
    await on.storage.start(startOf(n, { message: { id: n.human, parts: [{ kind: 'file', file }] }, title: '' }))
    expect((await on.storage.getThread(n.thread))?.title).toBe('report.pdf')
    // And it is found by that name.
    expect(await on.storage.find(n.thread, { text: 'REPORT', limit: 5 })).toMatchObject({ hits: [{ message: n.human, excerpt: 'report.pdf' }] })
    expect((await on.storage.find(n.thread, { limit: 5 }))?.hits).toHaveLength(1)
  })

  test('what waits has its files too, keeps them when it is edited, and takes them along when it starts', async () => {
    const n = names()
    const [first, second] = [await put(n, 'one.txt'), await put(n, 'two.txt')]
    await running(on.storage, n)
    await on.storage.start(withFile(n, first, { run: n.run2, ifBusy: 'queue', message: { id: n.human2, parts: [{ kind: 'file', file: first }] } }))
    const edited = await on.storage.patchQueued(n.thread, n.human2, { parts: [{ kind: 'text', text: 'Both' }, { kind: 'file', file: first }, { kind: 'file', file: second }] })
    expect(edited?.queue.messages[0]?.parts).toMatchObject([{ text: 'Both' }, { name: 'one.txt', size: 5 }, { name: 'two.txt' }])
    expect(await on.storage.patchQueued(n.thread, n.human2, { parts: [{ kind: 'file', file: 'gone' as FileId }] })).toBeNull()
    await finish(on.storage, n.run)
    const next = await on.storage.startQueued({ thread: n.thread, run: n.run3, owner: n.owner, leaseMs: 60_000 })
    expect(next?.event).toMatchObject({ message: { parts: [{ text: 'Both' }, { file: first }, { file: second }] } })
    await on.storage.removeUnusedFiles(0)
    expect(await on.storage.getFile(second)).not.toBeNull()
  })

  test('files that no thread keeps are forgotten once they are old, never before', async () => {
    const n = names()
    const [kept, left] = [await put(n, 'kept.txt'), await put(n, 'left.txt')]
    await on.storage.start(withFile(n, kept))
    expect(await on.storage.removeUnusedFiles(3_600_000)).toEqual([])
    expect(await on.storage.removeUnusedFiles(0)).toEqual([`blob-${left}`])
    expect(await on.storage.getFile(left)).toBeNull()
    expect(await on.storage.getFile(kept)).not.toBeNull()
  })

  test('a file goes with the last of the threads that keep it', async () => {
    const n = names()
    const file = await put(n)
    const copy = `${n.thread}-copy` as ThreadId
    await wholeTurn(on.storage, n, { message: { id: n.human, parts: [{ kind: 'file', file }] } })
    await on.storage.forkThread({ thread: n.thread, message: n.reply, id: copy })
    for (const thread of [n.thread, copy]) {
      expect(await on.storage.removeUnusedFiles(0)).toEqual([])
      await on.storage.deleteThread(thread)
      expect(await on.storage.removeUnusedFiles(0)).toEqual([]) // it may still be restored
      await on.storage.purgeThreads(0)
    }
    expect(await on.storage.removeUnusedFiles(0)).toEqual([`blob-${file}`])
  })
}
