import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'
import type { Clock } from '../../clock.ts'
import type { Message } from '../../../shared/protocol.ts'
import type { Remedies } from './provider-errors.ts'
import { toAgentError } from './sdk-errors.ts'
import { createTranslator } from './translate.ts'
import { createWire } from './wire.ts'

/** A few words need no more; a model that must think first and does not get to them gives none. */
const MOST_TOKENS = 64
const EXCERPT_CHARS = 1_200

interface Asked {
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly remedies: Remedies
  readonly model: string
  readonly clock: Clock
}

/** Asks a model once what a conversation is called; `''` where it says nothing. Rejects as a run of it would. */
export async function askTitle({ baseUrl, apiKey, remedies, model, clock }: Asked, messages: readonly Message[], signal: AbortSignal): Promise<string> {
  const wire = createWire({ baseUrl, apiKey, remedies, clock, idleMs: 20_000, tries: 1, random: Math.random, notice: () => {} })
  const provider = createOpenAICompatible({ name: 'openai', baseURL: baseUrl, ...(apiKey !== null && { apiKey }), fetch: wire.fetch })
  const { fullStream } = streamText({
    model: provider(model), messages: [{ role: 'user', content: question(messages) }], maxOutputTokens: MOST_TOKENS, maxRetries: 0, abortSignal: signal,
    onError: () => {}, // the error comes in the stream too; the default prints it
  })
  const translator = createTranslator()
  const thoughts = new Set<string>()
  let said = ''
  for await (const part of fullStream) {
    if (part.type === 'abort') throw signal.reason
    if (part.type === 'error') {
      const fault = toAgentError(part.error, { wire, apiKey, openCalls: 0 })
      if (fault !== null) throw fault
      continue
    }
    for (const event of translator.take(part)) take(event)
  }
  for (const event of translator.flush()) take(event)
  return said

  function take(event: ReturnType<typeof translator.flush>[number]): void {
    if (event.type === 'part.started' && event.kind !== 'text') thoughts.add(event.part)
    if (event.type === 'part.delta' && !thoughts.has(event.part)) said += event.text
  }
}

function question(messages: readonly Message[]): string {
  const told = messages.filter((message) => message.parent === undefined).map((message) => {
    const words = message.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n').slice(0, EXCERPT_CHARS)
    return `${message.role === 'user' ? 'Person' : 'Assistant'}: ${words}`
  })
  return `What is this conversation about? Answer with a title for it and nothing else: at most six words, in its own language, no quotes.\n\n${told.slice(0, 4).join('\n\n')}`
}
