/**
 * What an agent tells a person while it works, by name, so that a page can say it in the language of its reader. The words lie in the journal beside the
 * name: whoever does not know it says them as they are. Names and values are on people's disks: never give one another meaning.
 */
import type { Notice } from './protocol/content.ts'

interface Wait {
  /** Until the next try. */
  readonly seconds: number
}
interface OfFile {
  readonly name: string
}

const inEnglish = {
  'model-without-tools': () => 'This model cannot use tools; it answers without them.',
  'model-without-pictures': () => 'This model takes no pictures; it is told their names only.',
  'model-without-pdfs': () => 'This model takes no PDFs; it is told their names only.',
  'provider-unreachable': ({ seconds }: Wait) => `The provider cannot be reached; trying again in ${seconds} s.`,
  'provider-busy': ({ seconds }: Wait) => `The provider is busy; trying again in ${seconds} s.`,
  'provider-trouble': ({ seconds, status }: Wait & { readonly status: number }) => `The provider has a problem (${status}); trying again in ${seconds} s.`,
  'answer-too-long': () => 'The answer reached the model’s length limit and is cut off.',
  'answer-filtered': () => 'The provider’s content filter ended the answer.',
  'too-many-steps': ({ rounds }: { readonly rounds: number }) => `Stopped after ${rounds} rounds of tool calls. Send “go on” to let it continue.`,
  'file-left-out': ({ name }: OfFile) => `“${name}” could not be given to the model: it is gone, or there is too much of it.`,
  'file-name-only': ({ name }: OfFile) => `The model is told the name of “${name}” only: it takes pictures, PDFs and text.`,
  'file-cut': ({ name }: OfFile) => `Of “${name}” the model is given the beginning: the whole would leave it no room for the conversation.`,
} satisfies Record<string, (values: never) => string>

export type NoticeCode = keyof typeof inEnglish
export type NoticeValues<C extends NoticeCode> = Parameters<(typeof inEnglish)[C]>
/** Every notice there is, with the sentence of each: what another language's catalogue must have. */
export type NoticeSentences = { readonly [C in NoticeCode]: (...values: NoticeValues<C>) => string }

export const noticeCodes = Object.keys(inEnglish) as readonly NoticeCode[]

/** A notice, but for its instant: its name, what the sentence is about, and the sentence in English. */
export function noticeOf<C extends NoticeCode>(level: Notice['level'], code: C, ...values: NoticeValues<C>): Omit<Notice, 'at'> {
  const say = inEnglish[code] as (...values: NoticeValues<C>) => string
  return { level, text: say(...values), code, ...(values[0] !== undefined && { values: { ...values[0] } }) }
}
