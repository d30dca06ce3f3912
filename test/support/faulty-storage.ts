/** A Storage in front of a real one that fails as a test says. */
import { StorageError } from '../../src/server/storage/storage.ts'
import type { Storage } from '../../src/server/storage/storage.ts'

type Write = 'start' | 'startQueued' | 'append' | 'end' | 'settle' | 'requestStop'

export interface FaultyStorage extends Storage {
  /** The next call of this write fails; `landed`: it goes through, and reports failure all the same. */
  failNext(write: Write, how?: 'lost' | 'landed'): void
  /** Every append, end and settle fails until `heal`. */
  break(): void
  heal(): void
  /** Writes that were tried, oldest first. */
  readonly tried: readonly Write[]
}

export function createFaultyStorage(real: Storage): FaultyStorage {
  const faults: { write: Write; how: 'lost' | 'landed' }[] = []
  const tried: Write[] = []
  let broken = false
  const trouble = () => new StorageError('The disk is full (scripted)', { retryable: true, full: true })
  const attempt = async <T>(write: Write, act: () => Promise<T>): Promise<T> => {
    tried.push(write)
    const index = faults.findIndex((fault) => fault.write === write)
    const fault = index < 0 ? undefined : faults.splice(index, 1)[0]
    if (broken && (write === 'append' || write === 'end' || write === 'settle')) throw trouble()
    if (fault?.how === 'lost') throw trouble()
    const result = await act()
    if (fault?.how === 'landed') throw trouble()
    return result
  }
  return {
    ...real,
    get incarnation() { return real.incarnation },
    tried,
    failNext: (write, how = 'lost') => void faults.push({ write, how }),
    break: () => { broken = true },
    heal: () => { broken = false },
    start: (input) => attempt('start', () => real.start(input)),
    startQueued: (input) => attempt('startQueued', () => real.startQueued(input)),
    append: (input) => attempt('append', () => real.append(input)),
    end: (input) => attempt('end', () => real.end(input)),
    settle: (input) => attempt('settle', () => real.settle(input)),
    requestStop: (input) => attempt('requestStop', () => real.requestStop(input)),
  }
}
