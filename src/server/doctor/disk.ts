import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Finding } from './doctor.ts'

const TIMES = 20
const SLOW_MS = 100
const LEAST_FREE_BYTES = 256 * 1024 * 1024

/** Writes as the journal does: small pieces, each on the disk before the next. */
export async function checkDisk(dataDir: string): Promise<Finding> {
  const folder = resolve(dataDir)
  const file = join(folder, `.doctor-${process.pid}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const taken: number[] = []
    const handle = await open(file, 'wx')
    try {
      for (let i = 0; i < TIMES; i++) {
        const begun = performance.now()
        await handle.write('x'.repeat(512))
        await handle.sync()
        taken.push(performance.now() - begun)
      }
    } finally {
      await handle.close()
      await rm(file, { force: true })
    }
    const median = taken.toSorted((a, b) => a - b)[TIMES / 2] ?? 0
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    const says = `${folder} keeps a write within ${median.toFixed(1)} ms, and has ${(free / 1e9).toFixed(1)} GB free.`
    if (free < LEAST_FREE_BYTES) return { what: 'disk', state: 'bad', says, remedy: 'Free some space, or point DATA_DIR (--data) at another disk.' }
    if (median > SLOW_MS) return { what: 'disk', state: 'bad', says, remedy: 'Answers will arrive late by that. Point DATA_DIR (--data) at a local disk: network folders are slow and may lie about having written.' }
    return { what: 'disk', state: 'good', says }
  } catch (error) {
    return { what: 'disk', state: 'bad', says: `${folder} cannot be written: ${(error as Error).message}.`, remedy: 'Give this user the right to write there, or point DATA_DIR (--data) elsewhere.' }
  }
}
