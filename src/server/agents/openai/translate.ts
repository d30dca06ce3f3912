/** The SDK's stream parts as our events. Holds only what is open; decides nothing about failures but what they are. */
import type { LanguageModelUsage, TextStreamPart, ToolSet } from 'ai'
import { noticeOf } from '../../../shared/notices.ts'
import type { Usage } from '../../../shared/protocol.ts'
import type { AgentEvent } from '../agent.ts'
import { createThinkSplitter } from './think-tags.ts'
import type { ThinkSplitter } from './think-tags.ts'

export interface Translator {
  /** The events for one part of the SDK's stream, usually one or none. */
  take(part: TextStreamPart<ToolSet>): AgentEvent[]
  /** What was held back because it might have become a tag: for an end that comes from outside. */
  flush(): AgentEvent[]
  /** Tool calls that were started and have not ended. */
  openCalls(): number
}

const LONGEST_TOOL_ERROR = 500

export function createTranslator(): Translator {
  let named = 0
  let prose: { readonly part: string; readonly kind: 'text' | 'thinking' } | null = null
  let splitter: ThinkSplitter = createThinkSplitter()
  /** Calls that make no sense, which may be because only half of one came. They have failed only if their step finishes. */
  const invalid = new Set<string>()
  let held: AgentEvent[] = []
  const calls = new Map<string, { readonly part: string; input: boolean }>()

  const endProse = (): AgentEvent[] => {
    if (prose === null) return []
    const { part } = prose
    prose = null
    return [{ type: 'part.ended', part, state: 'done' }]
  }

  const write = (kind: 'text' | 'thinking', text: string): AgentEvent[] => {
    if (text === '') return []
    const events: AgentEvent[] = []
    if (prose?.kind !== kind) {
      events.push(...endProse())
      prose = { part: `part-${++named}`, kind }
      events.push({ type: 'part.started', part: prose.part, kind })
    }
    events.push({ type: 'part.delta', part: prose.part, text })
    return events
  }

  const flushText = (): AgentEvent[] => splitter.flush().flatMap(({ kind, text }) => write(kind, text))

  const openCall = (id: string, name: string): AgentEvent[] => {
    const part = `part-${++named}`
    calls.set(id, { part, input: false })
    return [...flushText(), ...endProse(), { type: 'part.started', part, kind: 'tool', name, call: id }]
  }

  const endCall = (id: string, end: { state: 'done'; output: string } | { state: 'failed'; error: string }): AgentEvent[] => {
    const call = calls.get(id)
    calls.delete(id)
    return call === undefined ? [] : [{ type: 'part.ended', part: call.part, ...end }]
  }

  return {
    openCalls: () => calls.size,
    flush: flushText,
    take(part) {
      switch (part.type) {
        case 'start-step':
          splitter = createThinkSplitter()
          return [{ type: 'used', modelCalls: 1 }]
        case 'text-delta':
          return splitter.take(part.text).flatMap(({ kind, text }) => write(kind, text))
        // At an end without a finish the SDK ends the text first and tells the failure after it. A part that was cut off is
        // not done, so a part ends when something follows it.
        case 'text-end':
          return flushText()
        case 'reasoning-delta':
          return write('thinking', part.text)
        case 'tool-input-start':
          return openCall(part.id, part.toolName)
        case 'tool-input-delta': {
          const call = calls.get(part.id)
          if (call === undefined || part.delta === '') return []
          call.input = true
          return [{ type: 'part.delta', part: call.part, field: 'input', text: part.delta }]
        }
        case 'tool-call': {
          if (part.dynamic === true && part.invalid === true) {
            invalid.add(part.toolCallId)
            return []
          }
          const events: AgentEvent[] = calls.has(part.toolCallId) ? [] : openCall(part.toolCallId, part.toolName)
          const call = calls.get(part.toolCallId)
          if (call !== undefined && !call.input && part.input !== undefined) {
            events.push({ type: 'part.delta', part: call.part, field: 'input', text: JSON.stringify(part.input) })
          }
          return [...events, { type: 'used', toolCalls: 1 }]
        }
        case 'tool-result':
          return endCall(part.toolCallId, { state: 'done', output: typeof part.output === 'string' ? part.output : JSON.stringify(part.output) })
        case 'tool-error': {
          const ended = endCall(part.toolCallId, { state: 'failed', error: messageOf(part.error) })
          if (!invalid.delete(part.toolCallId)) return ended
          held.push({ type: 'used', toolCalls: 1 }, ...ended)
          return []
        }
        case 'source':
          return part.sourceType === 'url' ? source(part.url, part.title ?? part.url) : []
        case 'finish-step':
          return finishStep(part)
        // These tell nothing that is not told by what follows them, or are not asked for.
        case 'start':
        case 'finish':
        case 'text-start':
        case 'reasoning-start':
        case 'reasoning-end':
        case 'tool-input-end':
        case 'tool-approval-request':
        case 'tool-output-denied':
        case 'file':
        case 'raw':
        // These are the caller's.
        case 'abort':
        case 'error':
          return []
        default:
          part satisfies never
          return []
      }
    },
  }

  function finishStep({ finishReason, usage }: Extract<TextStreamPart<ToolSet>, { type: 'finish-step' }>): AgentEvent[] {
    const failedCalls = held
    held = []
    return [...endProse(), ...failedCalls, { type: 'used', usage: toUsage(usage) }, ...cutNotice(finishReason)]
  }

  function source(url: string, title: string): AgentEvent[] {
    const part = `part-${++named}`
    return [{ type: 'part.started', part, kind: 'source', url, title }, { type: 'part.ended', part, state: 'done' }]
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_TOOL_ERROR)
}

function cutNotice(reason: string): AgentEvent[] {
  if (reason === 'length') return [{ type: 'notice', ...noticeOf('warning', 'answer-too-long') }]
  if (reason === 'content-filter') return [{ type: 'notice', ...noticeOf('warning', 'answer-filtered') }]
  return []
}

/** The cost, in dollars, is only what the provider itself names (OpenRouter does): prices change, and a wrong one is worse than none. */
function toUsage({ inputTokens, outputTokens, inputTokenDetails, outputTokenDetails, raw }: LanguageModelUsage): Usage {
  const cost = raw?.['cost']
  return {
    ...(typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 && { cost }),
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(outputTokenDetails.reasoningTokens !== undefined && { reasoningTokens: outputTokenDetails.reasoningTokens }),
    ...(inputTokenDetails.cacheReadTokens !== undefined && { cachedTokens: inputTokenDetails.cacheReadTokens }),
  }
}
