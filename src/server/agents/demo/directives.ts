/** What the words of a message ask of the demo agent. Pure: text in, wish out. */

export type Topic = 'think' | 'tools' | 'approval' | 'markdown' | 'output' | 'long' | 'fail' | 'help'

export interface Directives {
  /** What to show, in this order; empty for a plain question. */
  readonly topics: readonly Topic[]
  /** Tokens per second; null where the message does not say. */
  readonly rate: number | null
  /** Length of "long" and of "output", in characters. */
  readonly longChars: number
  /** A calculation in the message, as it was written. */
  readonly expression: string | null
  readonly asksTime: boolean
  /** The message without outer blanks. */
  readonly question: string
}

const SLOW = 8
const FAST = 600
const FASTEST = 100_000
const LONG_KB = 1000
const LONGEST_KB = 20_000

/** The order in which topics are shown, and the words that ask for them. */
const topicWords: readonly (readonly [Topic, RegExp])[] = [
  ['help', /^\s*(?:help|hello|hi|hey)\b[\s!.?]*$|\bwhat can (?:i|you) (?:try|do)\b|\bwho are you\b/i],
  ['think', /\bthink(?:ing)?\b/i],
  ['tools', /\btools?\b/i],
  ['approval', /\b(?:approval|approve|delete)\b/i],
  ['markdown', /\bmarkdown\b/i],
  ['output', /\boutput\b/i],
  ['long', /\blong\b/i],
  ['fail', /\bfail(?:s|ure)?\b/i],
]

export function readDirectives(message: string): Directives {
  // A pasted page is not a wish list: only the beginning of a message directs.
  const question = message.trim().slice(0, 2000)
  const expression = findExpression(question)
  return {
    topics: topicWords.flatMap(([topic, words]) => (words.test(question) ? [topic] : [])),
    rate: readRate(question),
    longChars: readLength(question) * 1000,
    expression,
    asksTime: expression === null && /\b(?:what time|which day|what day|time is it|the time|today|the date)\b/i.test(question),
    question,
  }
}

function readRate(question: string): number | null {
  const said = /\brate\s*[:=]?\s*(\d+)/i.exec(question)?.[1]
  if (said !== undefined) return Math.min(FASTEST, Math.max(1, Number(said)))
  if (/\bslow(?:ly)?\b/i.test(question)) return SLOW
  return /\bfast\b/i.test(question) ? FAST : null
}

/** "long" is a megabyte, "long 50" is 50 KB; the same for "output". */
function readLength(question: string): number {
  const said = /\b(?:long|output)\s+(\d+)/i.exec(question)?.[1]
  return said === undefined ? LONG_KB : Math.min(LONGEST_KB, Math.max(1, Number(said)))
}

/** The longest run of arithmetic in the text that has an operator between numbers, or a known function's call. */
function findExpression(question: string): string | null {
  const runs = question.match(/(?:(?:sqrt|cbrt|abs|round|floor|ceil|sin|cos|tan|exp|ln|log2|log|min|max|pi|tau)\b|[\d.+\-*/%^()!×÷−√,]|\s)+/gi) ?? []
  const found = runs
    .map((run) => run.trim().replace(/[.,\-+*/!]+$/, (tail) => (/\d!$/.test(run.trim()) ? tail : '')))
    .filter((run) => /\d\s*\)*\s*[-+*/%^×÷−]\s*\(*\s*[-√]?\s*[\d.a-z]/i.test(run) || /[a-z]\w*\s*\(.*\)|√\s*\d|\d!/i.test(run))
    // 2026-11-20 and 555-12-34 are no subtractions.
    .filter((run) => !/^\d+(?:[-/]\d+){2,}$/.test(run))
    .sort((a, b) => b.length - a.length)
  return found[0] ?? null
}
