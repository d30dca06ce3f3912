/**
 * A real HTTP server on loopback that speaks OpenAI's `/v1/chat/completions` (streamed) and `/v1/models`, and does exactly what a
 * test tells it: from a script per request, or live, one push at a time. No test framework in it: Playwright uses it too.
 *
 *   const provider = await createScriptedProvider()
 *   provider.script([[text('Hello ', 'world'), finish()]])            // the first request; later ones are live
 *   const call = await provider.nextCall(); call.text('Hel'); …; call.finish()
 */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ScriptedUsage {
  readonly input?: number
  readonly output?: number
  readonly reasoning?: number
  readonly cached?: number
  /** Dollars, as OpenRouter tells it. */
  readonly cost?: number
}

/** One thing a provider does. Deltas are sent exactly as given, one SSE event per string. */
export type ProviderStep =
  | { readonly do: 'text'; readonly deltas: readonly string[] }
  | { readonly do: 'reasoning'; readonly deltas: readonly string[]; readonly field: 'reasoning_content' | 'reasoning' }
  | { readonly do: 'tool-call'; readonly index: number; readonly id: string; readonly name: string; readonly chunks: readonly string[] }
  | { readonly do: 'finish'; readonly reason: string; readonly usage: ScriptedUsage | null }
  /** `[DONE]` and the end of the body, without a finish reason. */
  | { readonly do: 'done' }
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'gate'; readonly until: Promise<unknown> }
  /** The body ends here, cleanly, with nothing said. */
  | { readonly do: 'eof' }
  /** Keeps the connection and says nothing more. */
  | { readonly do: 'stall' }
  /** TCP reset: before anything else a connection that failed, later a cut stream. */
  | { readonly do: 'reset' }
  /** These bytes, as they are. */
  | { readonly do: 'raw'; readonly bytes: string | Uint8Array }
  /** Instead of a stream: this status, these headers, this body (an object becomes JSON). Must come first. */
  | { readonly do: 'status'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }

export const text = (...deltas: string[]): ProviderStep => ({ do: 'text', deltas })
export const reasoning = (...deltas: string[]): ProviderStep => ({ do: 'reasoning', deltas, field: 'reasoning_content' })
export const reasoningAs = (field: 'reasoning_content' | 'reasoning', ...deltas: string[]): ProviderStep => ({ do: 'reasoning', deltas, field })
export const toolCall = (name: string, chunks: readonly string[], id = `call_${name}`, index = 0): ProviderStep => ({ do: 'tool-call', index, id, name, chunks })
export const finish = (reason = 'stop', usage: ScriptedUsage | null = { input: 10, output: 5 }): ProviderStep => ({ do: 'finish', reason, usage })
export const done = (): ProviderStep => ({ do: 'done' })
export const delay = (ms: number): ProviderStep => ({ do: 'delay', ms })
export const gate = (until: Promise<unknown>): ProviderStep => ({ do: 'gate', until })
export const eof = (): ProviderStep => ({ do: 'eof' })
export const stall = (): ProviderStep => ({ do: 'stall' })
export const reset = (): ProviderStep => ({ do: 'reset' })
export const raw = (bytes: string | Uint8Array): ProviderStep => ({ do: 'raw', bytes })
export const status = (code: number, headers: Readonly<Record<string, string>> = {}, body: unknown = null): ProviderStep => ({ do: 'status', status: code, headers, body })
/** An error as OpenAI words it. */
export const errorStatus = (code: number, message: string, headers: Readonly<Record<string, string>> = {}, errorCode: string | null = null): ProviderStep =>
  status(code, headers, { error: { message, type: 'error', param: null, code: errorCode } })
/** One event whose JSON stops in the middle, and then the end. */
export const halfJson = (): ProviderStep => raw('data: {"id":"chatcmpl-1","choices":[{"index":0,"del\n\n')
/** An answer of no words. */
export const emptyAnswer = (): ProviderStep[] => [finish('stop', { input: 10, output: 0 })]

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Parsed JSON; null if there was none. */
  readonly body: ChatRequest | null
}

/** The parts of a chat request that tests look at. */
export interface ChatRequest {
  readonly model: string
  readonly stream?: boolean
  readonly max_tokens?: number
  readonly messages: readonly { readonly role: string; readonly content?: unknown; readonly tool_calls?: readonly unknown[]; readonly tool_call_id?: string }[]
  readonly tools?: readonly unknown[]
}

/** One chat request, held open until the test has said what to do with it. */
export interface ProviderCall {
  readonly request: RecordedRequest
  text(...deltas: string[]): void
  reasoning(...deltas: string[]): void
  /** A whole tool call, its arguments in these chunks. */
  toolCall(name: string, chunks: readonly string[], id?: string, index?: number): void
  /** Finish reason, usage, `[DONE]`, end of body. */
  finish(reason?: string, usage?: ScriptedUsage | null): void
  raw(bytes: string | Uint8Array): void
  eof(): void
  reset(): void
  status(code: number, headers?: Readonly<Record<string, string>>, body?: unknown): void
  /** Resolves when the client gave up before the answer was whole. Never resolves otherwise. */
  readonly aborted: Promise<void>
  isAborted(): boolean
}

export type ProviderScript = (request: RecordedRequest, index: number) => readonly ProviderStep[] | null

export interface ScriptedProvider {
  /** Base URL, with `/v1`. */
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  /** Chat requests only, scripted and live, oldest first. */
  readonly calls: readonly ProviderCall[]
  /**
   * What later chat requests get: a list (the n-th entry for the n-th request from now on) or a function. Where it gives nothing
   * the request is live: it waits for `nextCall()`.
   */
  script(script: readonly (readonly ProviderStep[])[] | ProviderScript): void
  /** From now on requests for a title are live, for `nextTitle()`. Until then they are answered with nothing, so that chats keep their first words. */
  holdTitles(): void
  nextTitle(): Promise<ProviderCall>
  /** The next live chat request that nobody has taken yet; waits for it. Scripted ones are in `calls`. */
  nextCall(): Promise<ProviderCall>
  /** Chat requests whose answer has neither ended nor been given up by the client. */
  openCalls(): number
  /** What `/v1/models` lists. */
  models(ids: readonly string[]): void
  close(): Promise<void>
}

export async function createScriptedProvider(): Promise<ScriptedProvider> {
  const requests: RecordedRequest[] = []
  const calls: ProviderCall[] = []
  const live = createLine<ProviderCall>('a chat request')
  let titles: Line<ProviderCall> | null = null
  const open = new Set<ServerResponse>()
  let script: ProviderScript = () => null
  let modelIds: readonly string[] = ['scripted-model']
  let scripted = 0

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await record(req)
    requests.push(request)
    if (request.path === '/v1/models') {
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data: modelIds.map((id) => ({ id, object: 'model' })) }))
      return
    }
    if (request.path !== '/v1/chat/completions') {
      res.writeHead(404).end()
      return
    }
    open.add(res)
    res.on('close', () => open.delete(res))
    const call = createCall(request, res)
    // Only a title is asked for in so few words.
    if (request.body?.max_tokens !== undefined) return titles === null ? call.finish() : titles.put(call)
    calls.push(call)
    const steps = script(request, scripted++)
    if (steps !== null) return play(call, steps)
    live.put(call)
  }

  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => {
      res.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    calls,
    script(next) {
      scripted = 0
      script = typeof next === 'function' ? next : (_request, index) => next[index] ?? null
    },
    nextCall: live.next,
    holdTitles() {
      titles ??= createLine('a request for a title')
    },
    nextTitle() {
      if (titles === null) throw new Error('Requests for titles are answered with nothing; call holdTitles first.')
      return titles.next()
    },
    openCalls: () => open.size,
    models(ids) {
      modelIds = ids
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A message that was never sent is to be told as that, and not as a test that hangs. */
const NEXT_WITHIN_MS = 60_000

interface Line<T> {
  put(one: T): void
  /** The oldest that nobody has taken; waits for one, and rejects where none comes. */
  next(): Promise<T>
}

function createLine<T>(what: string): Line<T> {
  const here: T[] = []
  const waiting: ((one: T) => void)[] = []
  return {
    put(one) {
      const taker = waiting.shift()
      if (taker === undefined) here.push(one)
      else taker(one)
    },
    next() {
      const one = here.shift()
      if (one !== undefined) return Promise.resolve(one)
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.splice(waiting.indexOf(taker), 1)
          reject(new Error(`Waited ${NEXT_WITHIN_MS} ms in vain: ${what} comes to the provider`))
        }, NEXT_WITHIN_MS)
        const taker = (taken: T) => {
          clearTimeout(late)
          resolve(taken)
        }
        waiting.push(taker)
      })
    },
  }
}

async function record(req: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString('utf8')
  return { method: req.method ?? '', path: (req.url ?? '').split('?')[0] ?? '', headers: req.headers, body: body === '' ? null : (JSON.parse(body) as ChatRequest) }
}

function createCall(request: RecordedRequest, res: ServerResponse): ProviderCall {
  let aborted = false
  let finished = false
  const whenAborted = new Promise<void>((resolve) => {
    res.on('close', () => {
      if (finished || res.writableFinished) return
      aborted = true
      resolve()
    })
  })
  const write = (bytes: string | Uint8Array) => {
    if (aborted || finished) return
    if (!res.headersSent) res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
    res.write(bytes)
  }
  const end = () => {
    if (aborted || finished) return
    write('')
    finished = true
    res.end()
  }
  const chunk = (rest: object) => write(`data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: request.body?.model ?? 'scripted-model', ...rest })}\n\n`)
  const delta = (content: object) => chunk({ choices: [{ index: 0, delta: content, finish_reason: null }] })

  return {
    request,
    text: (...deltas) => deltas.forEach((content) => delta({ content })),
    reasoning: (...deltas) => deltas.forEach((content) => delta({ reasoning_content: content })),
    toolCall(name, chunks, id = `call_${name}`, index = 0) {
      delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })
      for (const part of chunks) delta({ tool_calls: [{ index, function: { arguments: part } }] })
    },
    finish(reason = 'stop', usage = { input: 10, output: 5 }) {
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })
      if (usage !== null) chunk({ choices: [], usage: wireUsage(usage) })
      write('data: [DONE]\n\n')
      end()
    },
    raw: write,
    eof: end,
    reset() {
      finished = true
      res.socket?.resetAndDestroy()
    },
    status(code, headers = {}, body = null) {
      finished = true
      const isText = typeof body === 'string'
      res.writeHead(code, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers })
      res.end(body === null ? '' : isText ? body : JSON.stringify(body))
    },
    aborted: whenAborted,
    isAborted: () => aborted,
  }
}

async function play(call: ProviderCall, steps: readonly ProviderStep[]): Promise<void> {
  for (const step of steps) {
    if (call.isAborted()) return
    switch (step.do) {
      case 'text':
        call.text(...step.deltas)
        break
      case 'reasoning':
        if (step.field === 'reasoning_content') call.reasoning(...step.deltas)
        else for (const content of step.deltas) call.raw(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { [step.field]: content } }] })}\n\n`)
        break
      case 'tool-call':
        call.toolCall(step.name, step.chunks, step.id, step.index)
        break
      case 'finish':
        call.finish(step.reason, step.usage)
        break
      case 'done':
        call.raw('data: [DONE]\n\n')
        call.eof()
        break
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, step.ms))
        break
      case 'gate':
        await step.until
        break
      case 'eof':
        call.eof()
        break
      case 'stall':
        return
      case 'reset':
        // Lets what was written leave first: a reset throws away what is still in the socket's buffer.
        await new Promise((resolve) => setTimeout(resolve, 20))
        call.reset()
        break
      case 'raw':
        call.raw(step.bytes)
        break
      case 'status':
        call.status(step.status, step.headers, step.body)
        break
      default:
        step satisfies never
    }
  }
}

function wireUsage(usage: ScriptedUsage): object {
  const { input = 0, output = 0, reasoning: thought, cached, cost } = usage
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cost !== undefined && { cost }),
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
    ...(thought !== undefined && { completion_tokens_details: { reasoning_tokens: thought } }),
  }
}
