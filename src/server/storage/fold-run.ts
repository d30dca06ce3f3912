import type { RunId } from '../../shared/ids.ts'
import { content } from '../../shared/covers.ts'
import { foldEvents } from '../../shared/transcript.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { Storage } from './storage.ts'

const PAGE = 1_000

interface FoldOptions {
  /** Without `stream_end`. */
  readonly untilEnd?: boolean
  /** No further than to about so many characters: what follows is read from the journal. A folded journal comes whole. */
  readonly mostCharacters?: number
}

/**
 * Folds a run's journal, page by page, giving other work its turn in between: a run of 100,000 events must not stall
 * everybody else's stream. Null: the run has no journal.
 */
export async function foldRun(storage: Pick<Storage, 'read' | 'folded'>, run: RunId, { untilEnd = false, mostCharacters = Number.POSITIVE_INFINITY }: FoldOptions = {}): Promise<Transcript | null> {
  let transcript = await storage.folded(run)
  for (;;) {
    const page = await storage.read(run, transcript?.lastSeq ?? 0, PAGE)
    const events = untilEnd ? page.filter((event) => event.type !== 'stream_end') : page
    if (events.length === 0) return transcript
    transcript = foldEvents(events, transcript)
    if (transcript !== null && charactersOf(transcript) >= mostCharacters) return transcript
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** How much its parts hold. */
export function charactersOf(transcript: Transcript): number {
  let sum = 0
  for (const { parts } of transcript.messages) for (const part of parts) sum += content(part).length
  return sum
}
