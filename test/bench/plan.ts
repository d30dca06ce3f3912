/** What the bench asks the synthetic agent to do; travels as the text of the human's message. */
export type Plan =
  /** `tokens` stamped tokens, one every `everyMs`, beginning `delayMs` after the gate opens. */
  | { readonly kind: 'paced'; readonly gate: string; readonly delayMs: number; readonly tokens: number; readonly everyMs: number }
  /** The same with plain tokens of `chars` characters, for counting bytes and processor time. */
  | { readonly kind: 'plain'; readonly gate: string; readonly tokens: number; readonly everyMs: number; readonly chars: number }
  /**
   * `deltas` as fast as they are taken, then waits for `gate` before it ends. `joined` false: the server's clock is moved on by each, so that
   * every delta is an event of its own, as if an hour of tokens went by in a second. `markdown`: pieces of a document rather than numbers.
   */
  | { readonly kind: 'flood'; readonly gate: string; readonly deltas: number; readonly chars: number; readonly joined: boolean; readonly markdown?: boolean }
  /** Tool calls, three events each, then waits for `gate`. */
  | { readonly kind: 'tools'; readonly gate: string; readonly calls: number }
  /** When the gate opens, so many characters of a tool's output in one event, or of text at once. */
  | { readonly kind: 'whole'; readonly gate: string; readonly chars: number; readonly as: 'output' | 'text' }
  /** An event of a kind that is never joined, every `everyMs`, until the gate opens. */
  | { readonly kind: 'ticks'; readonly gate: string; readonly everyMs: number }

/** Microseconds of the machine's monotonic clock, the same in every process. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/** A token that says when it was made. */
export function stampedToken(): string {
  return `${nowUs().toString(36)} `
}

/** When the tokens in this text were made, µs; half a token is none. */
export function stampsIn(text: string): number[] {
  return text.split(' ').filter((word) => word !== '').map((word) => Number.parseInt(word, 36))
}

/** What the child answers about the journal's side of each event, µs. */
export interface EventTimes {
  readonly seq: number[]
  readonly produced: number[]
  readonly durable: number[]
}

export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Every question the bench asks its server, with its answer. */
export interface Questions {
  readonly open: { readonly gate: string }
  readonly cpuUs: null
  readonly heapBytes: null
  readonly record: { readonly on: boolean }
  readonly times: null
  readonly watchLoop: null
  readonly loopDelay: null
  readonly file: null
}

export interface Answers {
  readonly open: null
  /** User and system time of all threads. */
  readonly cpuUs: number
  /** After a forced collection. */
  readonly heapBytes: number
  readonly record: null
  readonly times: Record<string, EventTimes>
  readonly watchLoop: null
  readonly loopDelay: LoopDelay
  readonly file: string
}
