/** The worker as the page sees it, and what the two say to each other. */
// oxlint-disable-next-line import/default -- the default export of this query is the build's: the address of the worker's script
import workerUrl from './worker.ts?worker&url'
import type { LanguageName } from './languages.ts'

export interface TokenRequest {
  readonly id: number
  readonly block: number
  readonly language: LanguageName
  readonly text: string
}

/** `ranges` as `Tokenizer.tokenize` gives them; null: this chunk could not be coloured, for `reason`. */
export interface TokenReply {
  readonly id: number
  readonly ranges: Uint32Array | null
  readonly reason?: string
}

export interface HighlightPort {
  ask(request: TokenRequest): void
  onReply(take: (reply: TokenReply) => void): void
  /** The worker could not be started, or broke. No reply comes any more. */
  onDeath(take: (reason: string) => void): void
  close(): void
}

interface TypedPolicies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string }
}

let policy: { createScriptURL(url: string): string } | undefined

/** The one script address of this page that is not in its HTML. Trusted Types lets it pass, and nothing but it. */
function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: TypedPolicies }).trustedTypes
  if (types === undefined) return url
  policy ??= types.createPolicy('holdfast-highlighter', {
    createScriptURL(asked) {
      if (asked !== workerUrl) throw new TypeError(`The highlighter starts its own worker only, not ${asked}.`)
      return asked
    },
  })
  return policy.createScriptURL(url)
}

export function openHighlightPort(): HighlightPort {
  const worker = new Worker(trusted(workerUrl), { type: 'module', name: 'highlighter' })
  return {
    ask: (request) => worker.postMessage(request),
    onReply: (take) => { worker.onmessage = ({ data }: MessageEvent<TokenReply>) => take(data) },
    onDeath(take) {
      worker.onerror = (failure) => {
        failure.preventDefault()
        take(failure.message || 'the worker could not be loaded')
      }
      worker.onmessageerror = () => take('the worker said something that could not be read')
    },
    close: () => worker.terminate(),
  }
}
