/**
 * The agent that is always there: needs no key, talks to nobody, and shows everything that the chat can do. It streams a script
 * at the pace of a model, with real tools.
 */
import type { Clock } from '../../clock.ts'
import type { FilePart, Message } from '../../../shared/protocol.ts'
import { AgentError } from '../agent.ts'
import type { Agent, AgentContext, AgentEvent } from '../agent.ts'
import { sleep } from '../sleep.ts'
import { calculator } from '../tools/calculator.ts'
import { createClockTool } from '../tools/clock.ts'
import type { Tool } from '../tools/tool.ts'
import { readDirectives } from './directives.ts'
import { createPacer, tokensOf } from './pacing.ts'
import type { Pacer } from './pacing.ts'
import { planAnswer } from './script.ts'
import type { DemoStep } from './script.ts'
import { searchHelp } from './search-help.ts'
import { isTextType } from '../../../shared/files.ts'
import { titleFor } from './title.ts'
import { failure, floodParagraph, heard, logLine, nothingLeft, received } from './wording.ts'

export interface DemoOptions {
  readonly clock: Clock
  /** Pace where the message does not ask for one. */
  readonly tokensPerSecond?: number
  /** How long a tool pretends to work, so that a person can see it running. */
  readonly toolMs?: number
}

/** For the counters: about what `tokensOf` makes. */
const CHARS_PER_TOKEN = 7
const FLOOD_PIECE_CHARS = 4096
const FLOOD_PIECES_PER_SECOND = 250
/** Of a text: enough for its first line. */
const MOST_LOOKED_AT_BYTES = 64 * 1024
/** A program prints in bigger pieces than a model writes. */
const PRINTED_PIECE_CHARS = 16_384

export function createDemoAgent({ clock, tokensPerSecond = 70, toolMs = 400 }: DemoOptions): Agent {
  const tools: ReadonlyMap<string, Tool> = new Map([calculator, createClockTool(clock), searchHelp].map((tool) => [tool.name, tool]))
  return {
    describe: () => ({
      id: 'demo',
      title: 'Demo',
      description: 'A scripted agent inside the server, not a language model. Needs no key; say “help” to see what it can show.',
      models: [{ id: 'demo', title: 'Demo script' }],
      can: { steer: true, approvals: true, resume: false, files: true },
      ready: true,
      demo: true,
    }),
    title: async ({ messages }) => titleFor(wordsOf(messages.find((message) => message.role === 'user'))),
    run(input, context) {
      const files = input.messages.at(-1)?.parts.filter((part) => part.kind === 'file') ?? []
      const asked = lastWords(input.messages.filter((message) => message.continues !== true))
      const wish = readDirectives(asked)
      const performance: Performance = {
        clock, context, tools, toolMs,
        rate: wish.rate,
        pacer: createPacer(clock, wish.rate ?? tokensPerSecond, context.signal),
        tally: { parts: 0, outputTokens: 0 },
      }
      return perform(goingOn(planAnswer(wish, files), input.messages), asked, performance)
    },
  }
}

interface Performance {
  readonly clock: Clock
  readonly context: AgentContext
  readonly tools: ReadonlyMap<string, Tool>
  readonly toolMs: number
  /** The pace that was asked for, if any. */
  readonly rate: number | null
  readonly pacer: Pacer
  /** Counts as it goes. */
  readonly tally: { parts: number; outputTokens: number }
}

async function* perform(steps: readonly DemoStep[], asked: string, performance: Performance): AsyncGenerator<AgentEvent, void> {
  const { context, tally } = performance
  const { signal } = context
  yield { type: 'used', modelCalls: 1, usage: { inputTokens: tokensOf(asked).length } }
  let fault: { readonly error: unknown } | null = null
  try {
    // What a person says meanwhile is taken up between two steps, and changes what is left to do.
    let left = steps
    for (let step = left[0]; step !== undefined; step = left[0]) {
      yield* performStep(step, performance)
      left = left.slice(1)
      const said = lastWords(context.steering())
      if (said !== '') left = [{ do: 'say', text: heard(said) }, ...planAnswer(readDirectives(said))]
    }
  } catch (error) {
    // A Stop is no failure: return, and keep what was written. Anything else is.
    if (!signal.aborted) fault = { error }
  }
  // Not in a finally: a reader that leaves early must not find one more event in its way.
  yield { type: 'used', usage: { outputTokens: tally.outputTokens } }
  if (fault !== null) throw fault.error
}

async function* performStep(step: DemoStep, performance: Performance): AsyncGenerator<AgentEvent, void> {
  switch (step.do) {
    case 'think':
      return yield* write('thinking', tokensOf(step.text), performance)
    case 'say':
      return yield* write('text', tokensOf(step.text), performance)
    case 'flood':
      return yield* flood(step.chars, performance)
    case 'print':
      return yield* print(step, performance)
    case 'look':
      return yield* write('text', tokensOf(await lookAt(step.files, performance.context)), performance)
    case 'call':
      return yield* call(step, performance)
    case 'ask':
      return yield* ask(step, performance)
    case 'break-off':
      yield* write('text', tokensOf(step.text), performance, 'left open')
      throw new AgentError({ code: 'demo_failure', message: failure, retryable: true })
    default:
      step satisfies never
  }
}

async function* write(
  kind: 'text' | 'thinking',
  pieces: Iterable<string>,
  { pacer, tally }: Performance,
  end: 'done' | 'left open' = 'done',
): AsyncGenerator<AgentEvent, void> {
  const part = nextPart(tally)
  yield { type: 'part.started', part, kind }
  for (const text of pieces) {
    await pacer.turn()
    tally.outputTokens += Math.ceil(text.length / CHARS_PER_TOKEN)
    yield { type: 'part.delta', part, text }
  }
  if (end === 'done') yield { type: 'part.ended', part, state: 'done' }
}

async function* flood(chars: number, performance: Performance): AsyncGenerator<AgentEvent, void> {
  const { clock, rate, context } = performance
  if (rate !== null) return yield* write('text', pieces(chars, FLOOD_PIECE_CHARS, floodParagraph, tokensOf), performance)
  const pacer = createPacer(clock, FLOOD_PIECES_PER_SECOND, context.signal)
  yield* write('text', pieces(chars, FLOOD_PIECE_CHARS, floodParagraph), { ...performance, pacer })
}

/** `chars` characters of what `make` makes of the numbers from 1, in pieces of this size, made as they are needed. */
function* pieces(chars: number, size: number, make: (number: number) => string, cut: (piece: string) => Iterable<string> = (piece) => [piece]): Generator<string, void> {
  let number = 0
  for (let left = chars; left > 0;) {
    let piece = ''
    while (piece.length < size) piece += make(++number)
    piece = piece.slice(0, left)
    left -= piece.length
    yield* cut(piece)
  }
}

async function* print(step: Extract<DemoStep, { do: 'print' }>, performance: Performance): AsyncGenerator<AgentEvent, void> {
  const part = yield* openTool(step, performance)
  const pacer = createPacer(performance.clock, performance.rate ?? FLOOD_PIECES_PER_SECOND, performance.context.signal)
  for (const text of pieces(step.chars, PRINTED_PIECE_CHARS, logLine)) {
    await pacer.turn()
    yield { type: 'part.delta', part, field: 'output', text }
  }
  yield { type: 'part.ended', part, state: 'done' }
}

async function* call(step: Extract<DemoStep, { do: 'call' }>, performance: Performance): AsyncGenerator<AgentEvent, void> {
  const part = yield* openTool(step, performance)
  await sleep(performance.clock, performance.toolMs, performance.context.signal)
  const result = runTool(performance.tools.get(step.tool), step)
  if (result.ok) yield { type: 'part.ended', part, state: 'done', output: result.output }
  else yield { type: 'part.ended', part, state: 'failed', error: result.error }
  yield* write('text', tokensOf(result.ok ? step.onDone(result.output) : step.onFailed(result.error)), performance)
}

function runTool(tool: Tool | undefined, step: Extract<DemoStep, { do: 'call' }>): { ok: true; output: string } | { ok: false; error: string } {
  try {
    if (tool === undefined) throw new Error(`There is no tool "${step.tool}"`)
    return { ok: true, output: tool.run(step.input) }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}

async function* ask(step: Extract<DemoStep, { do: 'ask' }>, performance: Performance): AsyncGenerator<AgentEvent, void> {
  const part = yield* openTool(step, performance)
  const { decision, note } = await performance.context.approve({
    part, question: step.question, input: JSON.stringify(step.input), options: ['approve', 'deny'],
  })
  const approved = decision === 'approve'
  if (approved) {
    await sleep(performance.clock, performance.toolMs, performance.context.signal)
    yield { type: 'part.ended', part, state: 'done', output: step.output }
  } else {
    yield { type: 'part.ended', part, state: 'denied' }
  }
  yield* write('text', tokensOf(approved ? step.approved : step.denied(note)), performance)
}

/** Says what has arrived, to show that it did. */
async function lookAt(files: readonly FilePart[], { readFile }: AgentContext): Promise<string> {
  const seen = []
  for (const part of files) {
    const bytes = part.file === undefined ? null : await readFile(part.file, MOST_LOOKED_AT_BYTES)
    seen.push({ ...part, text: bytes !== null && isTextType(part.mediaType) ? new TextDecoder().decode(bytes, { stream: true }) : null, gone: bytes === null })
  }
  return received(seen)
}

/** Starts a tool part and streams its input as JSON; answers with the part's name. */
async function* openTool(step: { tool: string; input: object }, { pacer, tally }: Performance): AsyncGenerator<AgentEvent, string> {
  const part = nextPart(tally)
  yield { type: 'part.started', part, kind: 'tool', name: step.tool, call: `call-${part}` }
  yield { type: 'used', toolCalls: 1 }
  for (const text of tokensOf(JSON.stringify(step.input))) {
    await pacer.turn()
    tally.outputTokens++
    yield { type: 'part.delta', part, field: 'input', text }
  }
  return part
}

function nextPart(tally: Performance['tally']): string {
  return `part-${++tally.parts}`
}

/** Continue: the steps of the same script, without those that were taken and the text that was said. Tools that were called are not called again. */
function goingOn(steps: readonly DemoStep[], messages: readonly Message[]): readonly DemoStep[] {
  if (messages.at(-1)?.continues !== true) return steps
  const since = messages.findLastIndex((message) => message.role === 'user' && message.continues !== true)
  const parts = messages.slice(since + 1).flatMap((message) => (message.role === 'assistant' ? message.parts : []))
  let said = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('')
  const called = new Set(parts.flatMap((part) => (part.kind === 'tool' ? [part.name] : [])))
  const left = steps.flatMap((step): DemoStep[] => {
    if (step.do === 'think' || (step.do === 'look' && said !== '')) return []
    if (step.do !== 'say') return (step.do === 'call' || step.do === 'ask') && called.has(step.tool) ? [] : [step]
    const rest = said.startsWith(step.text) ? '' : step.text.startsWith(said) ? step.text.slice(said.length) : step.text
    said = said.startsWith(step.text) ? said.slice(step.text.length) : ''
    return rest === '' ? [] : [{ do: 'say', text: rest }]
  })
  return left.length > 0 ? left : [{ do: 'say', text: nothingLeft }]
}

function lastWords(messages: readonly Message[]): string {
  return wordsOf(messages.findLast((message) => message.role === 'user'))
}

function wordsOf(message: Message | undefined): string {
  return (message?.parts ?? []).flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n')
}
