/** Colours code off the main thread. One request, one reply; requests are answered in the order in which they came. */
import { createTokenizer } from './tokenizer.ts'
import { answerRequests } from './answer.ts'

answerRequests(self as unknown as Parameters<typeof answerRequests>[0], createTokenizer())
