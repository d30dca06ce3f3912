/** A chat as text for people: the newest branch of it, with what tools were asked and said. */
import type { Message, Part } from '../../shared/protocol.ts'
import type { ThreadExport } from '../../shared/export.ts'

export function toMarkdown({ thread, messages, runs }: ThreadExport): string {
  const agents = new Map(runs.map((run) => [run.id, run.model ?? run.agent]))
  const head = `# ${oneLine(thread.title) || 'Chat'}\n\n${day(thread.createdAt)}`
  return `${[head, ...newestBranch(messages).map((message) => messageText(message, agents.get(message.run) ?? 'Agent'))].join('\n\n')}\n`
}

/** From the newest message back to the beginning; what sub-agents said stands in their callers' output. */
function newestBranch(messages: readonly Message[]): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const branch: Message[] = []
  const seen = new Set<string>()
  for (let next = messages.at(-1); next !== undefined && !seen.has(next.id); next = next.after === null ? undefined : byId.get(next.after)) {
    seen.add(next.id)
    branch.unshift(next)
  }
  return branch.filter((message) => message.parent === undefined)
}

function messageText(message: Message, agent: string): string {
  const ended = message.status === 'completed' ? [] : [`*${message.status}*`]
  return [`## ${message.role === 'user' ? 'You' : oneLine(agent)}`, ...(message.damaged === true ? ['*This message is damaged on the server’s disk and cannot be read.*'] : []), ...message.parts.flatMap(partText), ...ended].join('\n\n')
}

function partText(part: Part): string[] {
  switch (part.kind) {
    case 'text':
      return part.text.trim() === '' ? [] : [part.text.trim()]
    case 'tool':
      return [[`**${oneLine(part.name)}** (${part.state})`, fenced(part.input), fenced(part.error ?? part.output)].filter((piece) => piece !== '').join('\n\n')]
    case 'file':
      return [`[File: ${oneLine(part.name)}]`]
    case 'source':
      return [`Source: ${oneLine(part.title)} <${oneLine(part.url)}>`]
    case 'thinking':
      return []
    default:
      return part satisfies never
  }
}

/** A fence longer than any in the text. */
function fenced(text: string): string {
  if (text.trim() === '') return ''
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text.trimEnd()}\n${fence}`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
