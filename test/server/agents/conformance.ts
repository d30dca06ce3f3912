/** What the server relies on of every agent. An adapter passes this or is not one. */
import { describe, expect, it, vi } from 'vitest'
import type { Agent, AgentContext, AgentEvent, AgentInput, ApprovalDecision, ApprovalRequest } from '../../../src/server/agents/agent.ts'
import { AgentError } from '../../../src/server/agents/agent.ts'
import type { Message } from '../../../src/shared/protocol.ts'
import type { MessageId, PartId, RunId } from '../../../src/shared/ids.ts'

export type Scene =
  /** Two or more pieces of text. */
  | 'text'
  /** Thinking, then text. */
  | 'thinking'
  /** A tool call whose input is streamed, its output, then text. */
  | 'tool'
  /** A tool call that fails; the answer goes on. */
  | 'tool-failure'
  /** A question to a person before a tool runs. */
  | 'approval'
  /** Text, and then an end that is none. */
  | 'failure'
  /** Says something and then nothing more, for ever. */
  | 'silence'
  /** Ten million characters, in one event where the backend can. */
  | 'huge'
  /** Text with astral characters, cut where it hurts. */
  | 'half-emoji'

/** An agent brought to where one scene will happen when it is run. */
export interface Stage {
  readonly agent: Agent
  readonly input: AgentInput
  /** The answer's whole text, where the scene has one. */
  readonly text?: string
  /** Lets time pass, for agents that pace themselves by a clock; called while an event is awaited. */
  pump?(): Promise<void>
  /** Timers, connections and the like that still live. None may, soon after a run that was cut short. */
  leftovers(): number
  close(): Promise<void>
}

/** The scenes that an agent can play, and how each is set. */
export interface Theatre {
  readonly scenes: readonly Scene[]
  open(scene: Scene): Promise<Stage>
}

/** What a run came to. */
export interface Played {
  readonly events: readonly AgentEvent[]
  readonly error: unknown
}

export interface PlayOptions {
  readonly abortAfter?: number
  readonly answer?: (request: ApprovalRequest) => ApprovalDecision
}

/** Runs the stage's agent to its end. After an abort no more time passes: an agent that stopped must not need any. */
export async function play(stage: Stage, { abortAfter, answer }: PlayOptions = {}): Promise<Played> {
  const abort = new AbortController()
  const events: AgentEvent[] = []
  const stop = () => abort.abort(new Error('Stop was pressed'))
  if (abortAfter === 0) stop()
  try {
    const iterator = stage.agent.run(stage.input, contextFor(abort.signal, answer))[Symbol.asyncIterator]()
    for (;;) {
      const result = await pumped(iterator.next(), abort.signal.aborted ? undefined : stage.pump?.bind(stage))
      if (result.done === true) return { events, error: null }
      events.push(result.value)
      if (events.length === abortAfter) stop()
    }
  } catch (error) {
    return { events, error }
  }
}

export function contextFor(signal: AbortSignal, answer?: (request: ApprovalRequest) => ApprovalDecision): AgentContext {
  return {
    signal,
    steering: () => [],
    readFile: () => Promise.resolve(null),
    approve: (request) =>
      answer !== undefined && !signal.aborted
        ? Promise.resolve(answer(request))
        : new Promise((_resolve, reject) => {
            if (signal.aborted) reject(signal.reason as Error)
            signal.addEventListener('abort', () => reject(signal.reason as Error))
          }),
  }
}

async function pumped<T>(promise: Promise<T>, pump: (() => Promise<void>) | undefined): Promise<T> {
  let settled = false
  const watched = promise.finally(() => {
    settled = true
  })
  watched.catch(() => undefined) // told to the caller below
  // A turn first: most events are there at once, and need no time to pass.
  await Promise.resolve()
  while (!settled && pump !== undefined) await pump()
  return watched
}

export interface Parts {
  readonly kind: string
  readonly name?: string | undefined
  text: string
  input: string
  output: string
  inputDeltas: number
  state: string
  error?: string | undefined
}

/** The parts that the events make, in order. Fails on events that do not fit each other: the server would drop those. */
export function partsOf(events: readonly AgentEvent[]): Parts[] {
  const parts = new Map<string, Parts>()
  const messages = new Set<string>()
  for (const event of events) {
    switch (event.type) {
      case 'message.started':
        expect(messages.has(event.message), `message ${event.message} started twice`).toBe(false)
        messages.add(event.message)
        break
      case 'part.started':
        expect(parts.has(event.part), `part ${event.part} started twice`).toBe(false)
        if (event.kind === 'tool') expect(event.name, 'a tool part has a name').toBeTruthy()
        parts.set(event.part, { kind: event.kind, name: event.name, text: '', input: '', output: '', inputDeltas: 0, state: 'open' })
        break
      case 'part.delta': {
        const part = parts.get(event.part)
        expect(part?.state, `delta for part ${event.part}`).toBe('open')
        expect(event.text, 'an empty delta').not.toBe('')
        const field = event.field ?? 'text'
        expect(part?.kind === 'tool', `field ${field} of a ${part?.kind ?? ''} part`).toBe(field !== 'text')
        if (part !== undefined) part[field] += event.text
        if (part !== undefined && field === 'input') part.inputDeltas++
        break
      }
      case 'part.ended': {
        const part = parts.get(event.part)
        expect(part?.state, `end of part ${event.part}`).toBe('open')
        if (part === undefined) break
        part.state = event.state
        part.error = event.error
        part.input = event.input ?? part.input
        part.output = event.output ?? part.output
        break
      }
      case 'used':
      case 'notice':
        break
      default:
        event satisfies never
    }
  }
  return [...parts.values()]
}

export function textOf(events: readonly AgentEvent[], kind = 'text'): string {
  return partsOf(events).filter((part) => part.kind === kind).map((part) => part.text).join('')
}

/** A conversation of one message. */
export function ask(text: string, model: string | null = null): AgentInput {
  return { messages: [humanMessage(text)], model }
}

export function humanMessage(text: string): Message {
  return {
    id: 'm-human' as MessageId, role: 'user', run: 'r-1' as RunId, after: null, status: 'completed', at: 0,
    parts: [{ id: 'p1' as PartId, kind: 'text', state: 'done', startedAt: 0, endedAt: 0, text }],
  }
}

export function describeAgentConformance(name: string, theatre: Theatre): void {
  /** A test that plays a scene. An agent that has no such scene, because its backend has none, has no such test. */
  const scene = (which: Scene, title: string, check: (stage: Stage) => Promise<void>) => {
    if (!theatre.scenes.includes(which)) return
    it(title, async () => {
      const stage = await theatre.open(which)
      try {
        await check(stage)
      } finally {
        await stage.close()
      }
    })
  }
  const nothingLeft = (stage: Stage) => vi.waitFor(() => expect(stage.leftovers()).toBe(0), { interval: 1 })

  describe(`${name}, as the server relies on it`, () => {
    scene('text', 'describes itself, synchronously and always the same', async ({ agent }) => {
      const info = agent.describe()
      expect(info).toMatchObject({ id: expect.stringMatching(/^[a-z][a-z0-9-]*$/) as string, title: expect.stringMatching(/\S/) as string })
      expect(agent.describe()).toEqual(info)
      if (!info.ready) expect(info.missing).toMatch(/\S/)
    })

    scene('text', 'streams text in pieces and ends by returning', async (stage) => {
      const { events, error } = await play(stage)
      expect(error).toBeNull()
      expect(events.filter((event) => event.type === 'part.delta').length).toBeGreaterThan(1)
      if (stage.text !== undefined) expect(textOf(events)).toBe(stage.text)
      expect(partsOf(events).every((part) => part.state === 'done')).toBe(true)
    })

    scene('text', 'can be run again, and by two at once', async (stage) => {
      const [first, second] = await Promise.all([play(stage), play(stage)])
      expect(first.error).toBeNull()
      expect(textOf(second.events)).toBe(textOf(first.events))
    })

    scene('thinking', 'shows its thinking apart from its answer', async (stage) => {
      const { events } = await play(stage)
      const [first, ...others] = partsOf(events)
      expect(first).toMatchObject({ kind: 'thinking', state: 'done' })
      expect(first?.text).not.toBe('')
      expect(others.some((part) => part.kind === 'text')).toBe(true)
      if (stage.text !== undefined) expect(textOf(events)).toBe(stage.text)
    })

    scene('tool', 'streams the input of a tool call, then tells its output, then answers', async (stage) => {
      const { events, error } = await play(stage)
      expect(error).toBeNull()
      const parts = partsOf(events)
      const tool = parts.find((part) => part.kind === 'tool')
      expect(tool?.state).toBe('done')
      expect(tool?.inputDeltas).toBeGreaterThan(1)
      expect(JSON.parse(tool?.input ?? '')).toBeTypeOf('object')
      expect(tool?.output).not.toBe('')
      expect(parts.at(-1)).toMatchObject({ kind: 'text', state: 'done' })
    })

    scene('tool-failure', 'says that a tool failed, and why, and goes on', async (stage) => {
      const { events, error } = await play(stage)
      expect(error).toBeNull()
      const parts = partsOf(events)
      const tool = parts.find((part) => part.kind === 'tool')
      expect(tool?.state).toBe('failed')
      expect(tool?.error).toMatch(/\S/)
      expect(parts.at(-1)).toMatchObject({ kind: 'text', state: 'done' })
    })

    scene('text', 'counts what it used', async (stage) => {
      const { events } = await play(stage)
      const used = events.filter((event) => event.type === 'used')
      expect(used.reduce((sum, event) => sum + (event.modelCalls ?? 0), 0)).toBeGreaterThan(0)
    })

    for (const [decision, state] of [['approve', 'done'], ['deny', 'denied']] as const) {
      scene('approval', `asks a person about an open tool part and takes ${decision} for an answer`, async (stage) => {
        const asked: ApprovalRequest[] = []
        const { events, error } = await play(stage, {
          answer: (request) => {
            asked.push(request)
            return { decision }
          },
        })
        expect(error).toBeNull()
        expect(asked).toHaveLength(1)
        expect(asked[0]?.options).toContain(decision)
        expect(JSON.parse(asked[0]?.input ?? '')).toBeTypeOf('object')
        const started = events.findIndex((event) => event.type === 'part.started' && event.part === asked[0]?.part)
        expect(started).toBeGreaterThanOrEqual(0)
        expect(partsOf(events).find((part) => part.kind === 'tool')?.state).toBe(state)
      })
    }

    scene('approval', 'stops waiting for an answer that will not come', async (stage) => {
      let events = 0
      // Nobody answers: the run is stopped when it asks, which is when no more events come.
      const abort = new AbortController()
      const waits = { ...contextFor(abort.signal), approve: (request: ApprovalRequest) => {
        queueMicrotask(() => abort.abort(new Error('Stop was pressed')))
        return contextFor(abort.signal).approve(request)
      } }
      const iterator = stage.agent.run(stage.input, waits)[Symbol.asyncIterator]()
      for (;;) {
        const result = await pumped(iterator.next(), stage.pump?.bind(stage)).catch((error: unknown) => {
          expect(error).toBe(abort.signal.reason)
          return null
        })
        if (result === null || result.done === true) break
        events++
      }
      expect(events).toBeGreaterThan(0)
      await nothingLeft(stage)
    })

    scene('failure', 'fails with a name, a cause and a remedy, and keeps what it said', async (stage) => {
      const { events, error } = await play(stage)
      expect(error).toBeInstanceOf(AgentError)
      expect((error as AgentError).code).toMatch(/^[a-z_]+$/)
      expect((error as AgentError).message).toMatch(/^[A-Z].{10,600}$/s)
      expect(textOf(events)).not.toBe('')
      if (stage.text !== undefined) expect(textOf(events)).toBe(stage.text)
      // A part that was cut off is not done: the server marks it.
      expect(partsOf(events).findLast((part) => part.kind === 'text')?.state).toBe('open')
    })

    for (const which of ['text', 'thinking', 'tool', 'tool-failure', 'approval'] as const) {
      scene(which, `stops soon when stopped at any event of the scene "${which}", and leaves nothing running`, async (stage) => {
        const answer = () => ({ decision: 'approve' })
        const whole = await play(stage, { answer })
        const every = Math.max(1, Math.floor(whole.events.length / 30))
        for (let n = 0; n <= whole.events.length; n += every) {
          const { events, error } = await play(stage, { abortAfter: n, answer })
          if (error !== null) expect(error).toMatchObject({ message: 'Stop was pressed' })
          partsOf(events)
          // What was on its way may still come, such as the counters; no new text to speak of.
          expect(events.length - n).toBeLessThanOrEqual(20)
          await nothingLeft(stage)
        }
      })

      scene(which, `lets its reader leave at any event of the scene "${which}"`, async (stage) => {
        const whole = await play(stage, { answer: () => ({ decision: 'approve' }) })
        const every = Math.max(1, Math.floor(whole.events.length / 15))
        for (let n = 1; n <= whole.events.length; n += every) {
          const iterator = stage.agent.run(stage.input, contextFor(new AbortController().signal, () => ({ decision: 'approve' })))[Symbol.asyncIterator]()
          for (let i = 0; i < n; i++) await pumped(iterator.next(), stage.pump?.bind(stage))
          const left = await iterator.return?.()
          expect(left?.done).toBe(true)
          await nothingLeft(stage)
        }
      })
    }

    scene('silence', 'can be stopped while its backend is silent', async (stage) => {
      const abort = new AbortController()
      const iterator = stage.agent.run(stage.input, contextFor(abort.signal))[Symbol.asyncIterator]()
      let said = ''
      while (said === '') {
        const { value } = await pumped(iterator.next(), stage.pump?.bind(stage))
        if (value?.type === 'part.delta') said = value.text
      }
      const next = iterator.next()
      abort.abort(new Error('Stop was pressed'))
      await next.catch((error: unknown) => expect(error).toBe(abort.signal.reason))
      await nothingLeft(stage)
    })

    scene('huge', 'carries ten million characters', async (stage) => {
      const { events, error } = await play(stage)
      expect(error).toBeNull()
      const text = textOf(events)
      expect(text.length).toBeGreaterThanOrEqual(10_000_000)
      if (stage.text !== undefined) expect(text === stage.text).toBe(true)
    })

    scene('half-emoji', 'keeps every code unit of text that is cut inside its characters', async (stage) => {
      const { events } = await play(stage)
      expect(textOf(events)).toBe(stage.text)
    })
  })
}
