/** What the demo agent calls a conversation: what was shown in it, or the question without its courtesies. Pure. */
import { readDirectives } from './directives.ts'
import type { Topic } from './directives.ts'

const names: Readonly<Record<Topic, string>> = {
  help: 'What the demo can show',
  think: 'Thinking aloud',
  tools: 'Tools at work',
  approval: 'Asking for approval',
  markdown: 'A tour of markdown',
  output: 'A tool that prints a lot',
  long: 'A long answer',
  fail: 'An answer that breaks off',
}

export function titleFor(question: string): string {
  const { topics, expression } = readDirectives(question)
  if (expression !== null) return `Calculation: ${expression}`
  const [first] = topics
  if (first !== undefined) return names[first]
  const bare = question.trim().replace(/^(?:(?:hello|hi|hey|please|(?:can|could|would) you|tell me|show me|explain)\b[\s,!]*)+/i, '').replace(/[\s?!.]+$/, '')
  return bare.charAt(0).toUpperCase() + bare.slice(1)
}
