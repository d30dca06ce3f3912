/** A run at random, as the events of its journal: every kind of event, text of every kind of trouble. */
import fc from 'fast-check'
import type { RunEvent } from '../../src/shared/protocol.ts'
import { createRunStory } from './run-story.ts'

/** A piece of text as models and people write it. */
export const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('\u0000', '\ufeff', '\ufeffa', '👩‍👩‍👧‍👦', '😀', '\ud83d', '\ude00', '\u2028', '\r\n', '\n\n', 'data:', '"', '\\', '`', ' ', ''),
)
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('message' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('part' as const), kind: fc.constantFrom('text' as const, 'thinking' as const, 'tool' as const, 'source' as const) }) },
  { weight: 20, arbitrary: fc.record({ do: fc.constant('delta' as const), which: fc.nat(), text, output: fc.boolean(), overlap: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), state: fc.constantFrom('done' as const, 'failed' as const, 'stopped' as const), output: fc.option(text, { nil: undefined }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('notice' as const), text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('progress' as const), tokens: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('steer' as const), text }) },
)
export const randomRun = fc.record({ human: text, steps: fc.array(step, { maxLength: 60 }), outcome: fc.option(fc.constantFrom('completed' as const, 'cancelled' as const, 'failed' as const, 'interrupted' as const), { nil: null }) })
export type RandomRun = typeof randomRun extends fc.Arbitrary<infer T> ? T : never

/** Steps that make no sense where they stand (text before any part, an answer to nothing) are passed over. */
export function tell({ human, steps, outcome }: RandomRun): readonly RunEvent[] {
  const story = createRunStory({ text: human })
  let messages = 0
  let parts = 0
  let approvals = 0
  let said = 0
  const held = new Map<string, string>()
  const open = () => story.transcript().messages.flatMap((message) => (message.role === 'assistant' ? message.parts : [])).filter((part) => part.state === 'open')
  const pick = <T>(list: readonly T[], which: number) => list[which % Math.max(1, list.length)]
  for (const now of steps) {
    switch (now.do) {
      case 'message':
        story.message(`m-${++messages}`)
        break
      case 'part':
        if (messages > 0) story.part(`p${++parts}`, now.kind)
        break
      case 'delta': {
        const part = pick(open().filter((candidate) => candidate.kind !== 'source'), now.which)
        if (part === undefined) break
        const field = part.kind === 'tool' ? (now.output ? 'output' as const : 'input' as const) : 'text' as const
        const key = `${part.id} ${field}`
        const before = held.get(key) ?? ''
        const overlap = Math.min(now.overlap, before.length)
        story.delta(part.id, before.slice(before.length - overlap) + now.text, field, before.length - overlap)
        held.set(key, before + now.text)
        break
      }
      case 'end': {
        const part = pick(open(), now.which)
        if (part !== undefined) story.endPart(part.id, now.state, part.kind === 'tool' && now.output !== undefined ? { output: now.output } : {})
        break
      }
      case 'ask': {
        const part = pick(open().filter((candidate) => candidate.kind === 'tool'), now.which)
        if (part !== undefined) story.request(`a${++approvals}`, part.id)
        break
      }
      case 'answer': {
        const asked = story.transcript().messages.flatMap((message) => message.parts).flatMap((part) => (part.kind === 'tool' && part.approval?.state === 'pending' ? [part.approval.id] : []))
        const approval = pick(asked, now.which)
        if (approval !== undefined) story.answer(approval)
        break
      }
      case 'notice':
        story.notice(now.text)
        break
      case 'progress':
        story.progress({ usage: { inputTokens: now.tokens }, modelCalls: 1, toolCalls: 0, messages })
        break
      case 'steer':
        story.steer(`said-${++said}`, now.text)
        break
      case 'stop':
        story.cancelling()
        break
      default:
        now satisfies never
    }
  }
  if (outcome !== null) story.end(outcome)
  return story.events
}
