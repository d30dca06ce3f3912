import type { TokenReply, TokenRequest } from './port.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The worker's end of the line: its global scope, or a `MessagePort`. */
export interface Line {
  onmessage: ((message: MessageEvent<TokenRequest>) => void) | null
  postMessage(reply: TokenReply, transfer: Transferable[]): void
}

/** Answers each request in turn. A chunk that fails gets a reply that says why; the next one is tried all the same. */
export function answerRequests(line: Line, tokenizer: Tokenizer): void {
  let turn: Promise<void> = Promise.resolve()
  const answer = async ({ id, block, language, text }: TokenRequest): Promise<void> => {
    try {
      const ranges = await tokenizer.tokenize(block, language, text)
      line.postMessage({ id, ranges }, [ranges.buffer])
    } catch (error) {
      line.postMessage({ id, ranges: null, reason: String(error) }, [])
    }
  }
  line.onmessage = ({ data }) => {
    turn = turn.then(() => answer(data))
  }
}
