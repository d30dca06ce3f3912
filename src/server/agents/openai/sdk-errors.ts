/** What the SDK throws or streams as an error, as one of ours. */
import { APICallError, InvalidResponseDataError, JSONParseError, TypeValidationError } from 'ai'
import { AgentError } from '../agent.ts'
import { clean, field, providerError, streamedError } from './provider-errors.ts'
import type { Wire } from './wire.ts'

export interface ErrorSetting {
  readonly wire: Pick<Wire, 'fault' | 'sawDone'>
  readonly apiKey: string | null
  /** Tool calls begun and not ended. */
  readonly openCalls: number
}

/** Null where the SDK calls an error what does no harm: then go on. */
export function toAgentError(error: unknown, { wire, apiKey, openCalls }: ErrorSetting): AgentError | null {
  const fault = wire.fault()
  if (fault !== null) return fault
  if (error instanceof AgentError) return error
  if (InvalidResponseDataError.isInstance(error)) {
    // "Response stream ended without a finish reason". Some servers end with [DONE] alone, which says it as well.
    if (wire.sawDone() && openCalls === 0) return null
    return providerError('provider_closed', 'The provider closed the stream before the answer was finished.', { cause: error })
  }
  if (JSONParseError.isInstance(error)) {
    return providerError('bad_response', 'The provider sent something that is not valid JSON, so the rest of the answer is lost.', { cause: error })
  }
  if (TypeValidationError.isInstance(error)) return malformed(error.value, apiKey, error)
  if (APICallError.isInstance(error)) return providerError('provider_error', `The provider failed: ${clean(error.message, apiKey)}`, { cause: error })
  if (error instanceof Error) return providerError('provider_error', `The provider's answer could not be used: ${clean(error.message, apiKey)}`, { cause: error })
  return streamedError(error, apiKey)
}

/** An event of a kind that we do not know is no harm, such as a ping. One that says what failed, or a broken chunk, is. */
function malformed(value: unknown, apiKey: string | null, cause: unknown): AgentError | null {
  if (typeof value === 'object' && value !== null) {
    if (field(value, 'error') !== undefined && field(value, 'error') !== null) return streamedError(value, apiKey)
    if (field(value, 'choices') === undefined) return null
  }
  return providerError('bad_response', 'The provider sent an event that is not in the format of the OpenAI chat API.', { cause })
}
