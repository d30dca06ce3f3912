import type { Files } from '../files/files.ts'
import type { Storage } from '../storage/storage.ts'
import { readThread } from './read-thread.ts'
import { writeThread } from './write-thread.ts'

type Source = Parameters<typeof readThread>[0] & Pick<Storage, 'listThreads'>

const PAGE = 50

/** One document with every thread, in pieces as they are read: `{format, version, threads: [...]}`. In memory is one thread at a time, and one file. */
export async function* writeEverything(storage: Source, files: Pick<Files, 'read'>, now: () => number): AsyncGenerator<string> {
  yield '{"format":"holdfast-export","version":1,"threads":['
  let first = true
  for (const archived of [false, true]) {
    for (let cursor: string | undefined; ;) {
      const page = await storage.listThreads({ limit: PAGE, cursor, archived })
      for (const { id } of page.threads) {
        const whole = await readThread(storage, id, now())
        if (whole === null) continue
        yield first ? '\n' : ',\n'
        yield* writeThread(whole, files)
        first = false
      }
      if (page.cursor === null) break
      cursor = page.cursor
    }
  }
  yield '\n]}\n'
}
