import type { RunId } from '../../shared/ids.ts'
import { foldEvents } from '../../shared/transcript.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { Storage } from './storage.ts'

const PAGE = 1_000

/**
 * Folds a run's journal, page by page, giving other work its turn in between: a run of 100,000 events must not stall
 * everybody else's stream. `untilEnd`: without `stream_end`. Null: the run has no journal.
 */
export async function foldRun(storage: Pick<Storage, 'read' | 'folded'>, run: RunId, options: { readonly untilEnd?: boolean } = {}): Promise<Transcript | null> {
  let transcript = await storage.folded(run)
  for (;;) {
    const page = await storage.read(run, transcript?.lastSeq ?? 0, PAGE)
    const events = options.untilEnd === true ? page.filter((event) => event.type !== 'stream_end') : page
    if (events.length === 0) return transcript
    transcript = foldEvents(events, transcript)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
