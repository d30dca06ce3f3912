/** What the demo agent does for a message, step by step, as data. The mechanics are in demo-agent.ts, the wording in pages.ts and wording.ts. */
import type { FilePart } from '../../../shared/protocol.ts'
import type { Directives, Topic } from './directives.ts'
import { markdownTour } from './markdown-tour.ts'
import * as wording from './wording.ts'

export type DemoStep =
  | { readonly do: 'think'; readonly text: string }
  | { readonly do: 'say'; readonly text: string }
  /** Says what was attached. */
  | { readonly do: 'look'; readonly files: readonly FilePart[] }
  /** Calls a tool; `onDone` makes what to say of its output (JSON text), `onFailed` of its failure. */
  | { readonly do: 'call'; readonly tool: string; readonly input: object; readonly onDone: (output: string) => string; readonly onFailed: (error: string) => string }
  /** Asks before it "deletes"; says one thing or the other. */
  | { readonly do: 'ask'; readonly tool: string; readonly input: object; readonly question: string; readonly output: string; readonly approved: string; readonly denied: (note: string | undefined) => string }
  /** This many characters, in pieces far bigger than tokens. */
  | { readonly do: 'flood'; readonly chars: number }
  /** A tool that prints this many characters of log, while it is watched. */
  | { readonly do: 'print'; readonly tool: string; readonly input: object; readonly chars: number }
  /** Says this and fails in the middle of it. */
  | { readonly do: 'break-off'; readonly text: string }

/** The steps for one message. */
export function planAnswer(wish: Directives, files: readonly FilePart[] = []): DemoStep[] {
  if (files.length > 0) return [{ do: 'look', files }, ...(wish.topics.length > 0 || wish.expression !== null ? planAnswer(wish) : [])]
  if (wish.expression !== null) return [{ do: 'think', text: wording.thinkCalculation(wish.expression) }, calculate(wish.expression)]
  if (wish.topics.length > 0) return wish.topics.flatMap((topic) => stepsFor(topic, wish))
  if (wish.asksTime) return [{ do: 'think', text: wording.thinkTime }, tellTime]
  return [{ do: 'think', text: wording.thinkQuestion }, search(wish.question)]
}

function stepsFor(topic: Topic, wish: Directives): DemoStep[] {
  switch (topic) {
    case 'help':
      return [{ do: 'think', text: wording.thinkHelp }, { do: 'say', text: wording.help }]
    case 'think':
      return [{ do: 'think', text: wording.longThought }, { do: 'say', text: wording.afterThought }]
    case 'tools':
      return [
        { do: 'think', text: wording.thinkTools },
        { do: 'say', text: wording.beforeTools },
        calculate('(12.5 + 7) * 3^2'),
        tellTime,
        search('How does Stop work?'),
        { do: 'say', text: wording.beforeFailingTool },
        calculate('1 / 0'),
      ]
    case 'approval':
      return [
        { do: 'think', text: wording.thinkApproval },
        { do: 'say', text: wording.beforeApproval },
        {
          do: 'ask', tool: 'delete_file', input: { path: 'demo/notes.txt' }, question: 'Delete the demo file “notes.txt”?',
          output: '{"deleted":"demo/notes.txt","simulated":true}', approved: wording.approved, denied: wording.denied,
        },
      ]
    case 'markdown':
      return [{ do: 'think', text: wording.thinkMarkdown }, { do: 'say', text: markdownTour }]
    case 'output':
      return [{ do: 'print', tool: 'shell', input: { command: wording.printCommand(wish.longChars) }, chars: wish.longChars }, { do: 'say', text: wording.afterOutput }]
    case 'long':
      return [{ do: 'say', text: wording.beforeFlood(wish.longChars) }, { do: 'flood', chars: wish.longChars }]
    case 'fail':
      return [{ do: 'think', text: wording.thinkFailure }, { do: 'break-off', text: wording.beforeFailure }]
    default:
      return topic satisfies never
  }
}

const calculate = (expression: string): DemoStep => ({
  do: 'call', tool: 'calculator', input: { expression },
  onDone: (output) => wording.calculated(expression, output),
  onFailed: (error) => wording.notCalculated(expression, error),
})

const tellTime: DemoStep = { do: 'call', tool: 'clock', input: {}, onDone: wording.time, onFailed: wording.toolFailed }

const search = (query: string): DemoStep => ({ do: 'call', tool: 'search_help', input: { query: query.slice(0, 200) }, onDone: wording.found, onFailed: wording.toolFailed })
