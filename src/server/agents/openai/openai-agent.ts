/** Any server that speaks OpenAI's chat API, through the AI SDK, with a tool loop over the built-in tools. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { dynamicTool, jsonSchema, stepCountIs, streamText } from 'ai'
import type { ModelMessage, TextStreamPart, ToolSet } from 'ai'
import { noticeOf } from '../../../shared/notices.ts'
import type { Clock } from '../../clock.ts'
import { AgentError, describeMissing } from '../agent.ts'
import type { Agent, AgentContext, AgentEvent, AgentInput, Missing } from '../agent.ts'
import { unlessAborted } from '../sleep.ts'
import { calculator } from '../tools/calculator.ts'
import { createClockTool } from '../tools/clock.ts'
import type { Tool } from '../tools/tool.ts'
import { askTitle } from './ask-title.ts'
import { readAttached, tellAttached } from './attached.ts'
import { toModelMessages } from './conversation.ts'
import { createInbox, interleave } from './interleave.ts'
import { createModelList } from './models.ts'
import { environmentRemedies, providerError } from './provider-errors.ts'
import type { Remedies } from './provider-errors.ts'
import { toAgentError } from './sdk-errors.ts'
import { createTranslator } from './translate.ts'
import { createWire } from './wire.ts'

export interface OpenAIOptions {
  /** Left out: the agent of the environment variables. */
  readonly id?: string
  readonly title?: string
  /** What a person is told to do where the provider refuses. */
  readonly remedies?: Remedies
  /** With its version, e.g. `https://api.openai.com/v1`; null: not set up. */
  readonly baseUrl: string | null
  readonly apiKey?: string | null
  /** Null: the provider is asked which models it has, and the first one answers where nobody chose. */
  readonly model?: string | null
  readonly clock: Clock
  /** Why it cannot be used as it is set up; null: it can. */
  readonly missing?: Missing | null
  /** Told when the provider's models become known. */
  readonly onModels?: () => void
  /** Silence of the provider after which a run fails, ms. */
  readonly idleMs?: number
  /** Requests made for one answer while the provider is busy, the first included. */
  readonly tries?: number
  /** Rounds of tool calls in one run. */
  readonly maxSteps?: number
  readonly tools?: readonly Tool[]
  readonly random?: () => number
}

const NOT_SET_UP: Missing = {
  code: 'agent-not-set-up',
  detail: 'Set OPENAI_BASE_URL to the address of a server that speaks the OpenAI chat API (for example https://api.openai.com/v1, or ' +
    'http://127.0.0.1:11434/v1 for Ollama), OPENAI_API_KEY if it wants a key, and OPENAI_MODEL. Then start the server again.',
}

const notReady = ({ code, detail }: Missing) => new AgentError({ code, message: detail, retryable: false })

// The SDK would print its warnings to the console, past our log; none of them concerns a person who runs this.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

export function createOpenAIAgent(options: OpenAIOptions): Agent {
  const { id = 'openai', title = 'OpenAI-compatible', baseUrl, apiKey = null, model: configured = null, remedies = environmentRemedies, missing = baseUrl === null ? NOT_SET_UP : null, clock, onModels } = options
  const models = baseUrl === null || missing !== null || configured !== null ? null : createModelList({ baseUrl, apiKey, remedies, clock, onKnown: onModels })
  const tools = toToolSet(options.tools ?? [calculator, createClockTool(clock)])
  const choose = async (asked: string | null, signal: AbortSignal): Promise<string> => {
    const chosen = asked ?? configured ?? (models === null ? [] : await unlessAborted(models.ask(), signal))[0]
    if (chosen === undefined) throw providerError('unknown_model', `The provider lists no models. ${remedies.noModels}.`, { retryable: false })
    return chosen
  }
  return {
    describe: () => ({
      id,
      title,
      ...(baseUrl !== null && { description: `Models at ${new URL(baseUrl).host}, by the OpenAI chat API.` }),
      models: (configured === null ? models?.known() ?? [] : [configured]).map((id) => ({ id, title: id })),
      can: { steer: true, approvals: false, resume: false, files: true },
      ...describeMissing(missing),
    }),
    async *run(input, context) {
      if (baseUrl === null || missing !== null) throw notReady(missing ?? NOT_SET_UP)
      yield* converse({ ...options, baseUrl, apiKey, remedies, model: await choose(input.model, context.signal) }, tools, input, context)
    },
    async title({ messages, model }, signal) {
      if (baseUrl === null || missing !== null) throw notReady(missing ?? NOT_SET_UP)
      return askTitle({ baseUrl, apiKey, remedies, clock, model: await choose(model, signal) }, messages, signal)
    },
  }
}

type Notice = Extract<AgentEvent, { type: 'notice' }>

type Conversation = OpenAIOptions & { readonly baseUrl: string; readonly apiKey: string | null; readonly remedies: Remedies; readonly model: string }

async function* converse(options: Conversation, tools: ToolSet, input: AgentInput, context: AgentContext): AsyncGenerator<AgentEvent, void> {
  const { baseUrl, apiKey, remedies, model, clock, idleMs = 120_000, tries = 4, maxSteps = 10, random = Math.random } = options
  const leaving = new AbortController()
  const inbox = createInbox<Notice>()
  const wire = createWire({ baseUrl, apiKey, remedies, clock, idleMs, tries, random, notice: (notice) => inbox.put({ type: 'notice', ...notice }) })
  const provider = createOpenAICompatible({ name: 'openai', baseURL: baseUrl, ...(apiKey !== null && { apiKey }), includeUsage: true, fetch: wire.fetch })
  const translator = createTranslator()
  const said: Said[] = []
  let steps = 0
  let calling = false
  try {
    const attached = await readAttached(input.messages, context.readFile)
    for (const notice of tellAttached(input.messages, attached)) yield { type: 'notice', ...notice }
    const { fullStream } = streamText({
      model: provider(model),
      messages: toModelMessages(input.messages, attached),
      tools,
      stopWhen: stepCountIs(maxSteps),
      // Between two rounds of tool calls the model hears what a person has said meanwhile.
      prepareStep: async ({ messages, stepNumber }) => {
        const news = stepNumber === 0 ? [] : context.steering()
        const heard = toModelMessages(news, await readAttached(news, context.readFile))
        said.push(...heard.map((message) => ({ message, behind: messages.length })))
        return { messages: weave(messages, said) }
      },
      maxRetries: 0, // retries are the wire's, which tells them
      abortSignal: AbortSignal.any([context.signal, leaving.signal]),
      onError: () => {}, // the error comes in the stream too; the default prints it
    })
    for await (const part of interleave(fullStream, inbox)) {
      if (isOurs(part)) {
        yield part
        continue
      }
      if (part.type === 'abort') return yield* translator.flush()
      if (part.type === 'error') {
        const fault = toAgentError(part.error, { wire, apiKey, openCalls: translator.openCalls() })
        if (fault === null) continue
        yield* translator.flush()
        throw fault
      }
      if (part.type === 'finish-step') {
        steps++
        calling = part.finishReason === 'tool-calls'
      }
      yield* translator.take(part)
    }
    if (calling && steps >= maxSteps) yield { type: 'notice', ...noticeOf('warning', 'too-many-steps', { rounds: maxSteps }) }
  } catch (error) {
    if (context.signal.aborted) return
    throw toAgentError(error, { wire, apiKey, openCalls: 0 }) ?? error
  } finally {
    leaving.abort() // whichever way we leave, the provider stops writing
  }
}

/** What a person said, and how many of the model's own messages it stands behind. */
interface Said {
  readonly message: ModelMessage
  readonly behind: number
}

/** The SDK begins every step with its own messages alone; what was said before stays said. */
function weave(messages: readonly ModelMessage[], said: readonly Said[]): ModelMessage[] {
  return [...messages.flatMap((message, index) => [...said.filter((one) => one.behind === index).map((one) => one.message), message]), ...said.filter((one) => one.behind >= messages.length).map((one) => one.message)]
}

function isOurs(part: TextStreamPart<ToolSet> | Notice): part is Notice {
  return part.type === 'notice'
}

function toToolSet(tools: readonly Tool[]): ToolSet {
  return Object.fromEntries(tools.map((tool) => [
    tool.name,
    dynamicTool({
      description: tool.description,
      inputSchema: jsonSchema({ ...tool.inputSchema, required: [...tool.inputSchema.required], properties: { ...tool.inputSchema.properties } }),
      execute: (input) => Promise.resolve(tool.run(input)),
    }),
  ]))
}
