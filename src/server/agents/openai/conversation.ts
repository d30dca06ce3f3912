/** The branch so far, as the messages that a chat model takes. */
import type { FilePart as ModelFilePart, ImagePart, ModelMessage, TextPart, ToolResultPart } from 'ai'
import type { FilePart, Message, Part, ToolPart } from '../../../shared/protocol.ts'
import type { Attached } from './attached.ts'

const OUTCOME_UNKNOWN = 'Outcome unknown: the run ended before this call returned. It may or may not have taken effect.'

type Piece = TextPart | ImagePart | ModelFilePart

type AssistantContent = Exclude<Extract<ModelMessage, { role: 'assistant' }>['content'], string>

/**
 * Thinking is left out: providers want theirs back only in shapes that differ, and do without. A sub-agent's messages are left
 * out too: what came of them is its caller's output. Every tool call gets a result, since providers refuse one without.
 */
export function toModelMessages(messages: readonly Message[], attached: Attached = new Map()): ModelMessage[] {
  const uniqueCall = createUniqueNames()
  return messages.flatMap((message) => {
    if (message.parent !== undefined) return []
    if (message.role === 'user') return userMessage(message, attached)
    return assistantMessages(message.parts, uniqueCall)
  })
}

/** Said for a person who pressed Continue: a message without words would be refused, and some models repeat themselves unless told not to. */
const GO_ON = 'Your last message was cut off. Go on exactly where it stops, without repeating any of it and without a word about this.'

function userMessage(message: Message, attached: Attached): ModelMessage[] {
  if (message.continues === true) return [{ role: 'user', content: GO_ON }]
  const content = message.parts.flatMap((part): Piece[] => {
    if (part.kind === 'file') return fileContent(part, attached)
    return part.kind === 'text' && part.text !== '' ? [{ type: 'text', text: part.text }] : []
  })
  // One text where there is nothing else: some servers know no other shape.
  if (content.every((piece) => piece.type === 'text')) {
    const said = content.map((piece) => piece.text).join('\n\n')
    return said === '' ? [] : [{ role: 'user', content: said }]
  }
  return [{ role: 'user', content }]
}

/** Each with its name, by which a person speaks of it. */
function fileContent({ file, name, mediaType, size }: FilePart, attached: Attached): Piece[] {
  const content = file === undefined ? undefined : attached.get(file)
  const quoted = JSON.stringify(name)
  if (content === undefined) return [{ type: 'text', text: `[Attached file ${quoted}, ${mediaType}, ${size ?? 0} bytes. Its content is not available to you.]` }]
  if (content.kind === 'picture') return [{ type: 'text', text: `[Attached picture ${quoted}]` }, { type: 'image', image: content.bytes, mediaType }]
  if (content.kind === 'pdf') return [{ type: 'text', text: `[Attached file ${quoted}]` }, { type: 'file', data: content.bytes, mediaType, filename: name }]
  return [{ type: 'text', text: `[Attached file ${quoted}${content.cut ? ', its beginning' : ''}]\n${content.text}\n[End of ${quoted}]` }]
}

/** A tool message ends a round: text behind it belongs to the next assistant message. */
function assistantMessages(parts: readonly Part[], uniqueCall: (name: string) => string): ModelMessage[] {
  const messages: ModelMessage[] = []
  let content: AssistantContent = []
  let results: ToolResultPart[] = []
  const endRound = () => {
    if (content.length > 0) messages.push({ role: 'assistant', content })
    if (results.length > 0) messages.push({ role: 'tool', content: results })
    content = []
    results = []
  }
  for (const part of parts) {
    if (part.kind === 'text' && part.text !== '') {
      if (results.length > 0) endRound()
      content.push({ type: 'text', text: part.text })
    } else if (part.kind === 'tool') {
      const toolCallId = uniqueCall(part.call === '' ? part.id : part.call)
      content.push({ type: 'tool-call', toolCallId, toolName: part.name, input: parsedInput(part.input) })
      results.push({ type: 'tool-result', toolCallId, toolName: part.name, output: resultOf(part) })
    }
  }
  endRound()
  return messages
}

function resultOf(part: ToolPart): ToolResultPart['output'] {
  switch (part.state) {
    case 'done':
      return { type: 'text', value: part.output }
    case 'failed':
      return { type: 'error-text', value: part.error ?? 'The tool failed.' }
    case 'denied':
      return { type: 'error-text', value: `A person denied this call; it did not run.${part.approval?.note === undefined ? '' : ` They said: ${part.approval.note}`}` }
    case 'open':
    case 'stopped':
      return { type: 'error-text', value: part.output === '' ? OUTCOME_UNKNOWN : `${OUTCOME_UNKNOWN} Output so far: ${part.output}` }
    default:
      return part.state satisfies never
  }
}

/** A call that was cut off has half an input; the model should see that rather than a refusal of the whole request. */
function parsedInput(input: string): unknown {
  try {
    const value = JSON.parse(input) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value }
  } catch (error) {
    if (error instanceof SyntaxError) return input === '' ? {} : { unfinished: input }
    throw error
  }
}

/** Weak providers number their calls from zero in every answer; within one request each needs its own id. */
function createUniqueNames(): (name: string) => string {
  const taken = new Set<string>()
  return (name) => {
    let unique = name
    for (let n = 2; taken.has(unique); n++) unique = `${name}-${n}`
    taken.add(unique)
    return unique
  }
}
