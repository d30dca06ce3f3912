/** What an answer means, whichever way the request went. */
import type * as v from 'valibot'
import { parseJson, problemSchema, ProtocolError, read } from '../../shared/protocol.ts'
import type { Problem } from '../../shared/protocol.ts'
import { ApiError } from './api.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
}

/** Reads what the contract promises. Throws ApiError `unreadable`, or `intercepted`. */
export function understood<S extends v.GenericSchema>(schema: S, answer: Answer, text: string): v.InferOutput<S> {
  const { status } = answer
  if (isPage(answer)) throw foreignPage(status)
  try {
    return read(schema, text === '' ? undefined : parseJson(text))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new ApiError('unreadable', `The server's answer could not be understood (${error.message}). Reload the page; if that does not help, something between the page and the server changes its answers.`, { status, cause: error })
  }
}

/** `timeoutMs`: where the request was given up after that. */
export function unreachable(cause: unknown, timeoutMs: number | null = null): ApiError {
  const message = timeoutMs === null
    ? 'The server cannot be reached. Check the network and that the server is running, then try again.'
    : `The server did not answer within ${Math.round(timeoutMs / 1000)} seconds. Check that it is running, then try again.`
  return new ApiError('unreachable', message, { cause })
}

/** Of a redirect a browser tells nothing, not even its status. The server sends none: somebody between wants a login, and would send us to it. */
const isRedirect = (status: number): boolean => status === 0 || (status >= 300 && status < 400)

const isPage = ({ contentType }: Answer): boolean => /^text\/html\b/i.test(contentType)

/** A page where the server's answer was due. */
function foreignPage(status: number): ApiError {
  return new ApiError('intercepted', 'Something between this page and the server answered with a web page of its own. Open this page in another tab to see what it wants, then try again.', { status })
}

/** 5xx of a proxy without a problem document counts as no answer: the server itself may never have seen the request. */
export function refusal(answer: Answer, text: string): ApiError {
  const { status, contentType } = answer
  const problem = readProblem(contentType, text)
  if (problem !== null) return new ApiError('refused', problem.detail === '' ? problem.title : problem.detail, { status, problem })
  if (status === 401 || isRedirect(status)) return new ApiError('refused', 'A login is wanted: yours ran out, or something between this page and the server asks for one. Log in in another tab, then try again.', { status: 401 })
  if (status === 413) return new ApiError('refused', 'Something between this page and the server takes nothing of this size. Raise its limit, or send less at once.', { status })
  if ([502, 503, 504].includes(status)) return new ApiError('unreachable', `The server is not answering at present (${status}). Try again in a moment.`, { status })
  if (isPage(answer)) return foreignPage(status)
  return new ApiError('unreadable', `The server answered ${status} without a reason. If this stays so, look at its log.`, { status })
}

function readProblem(contentType: string, text: string): Problem | null {
  if (!/^application\/problem\+json\b/i.test(contentType)) return null
  try {
    return read(problemSchema, parseJson(text))
  } catch (error) {
    if (error instanceof ProtocolError) return null // not the problem document it claims to be: the status must do
    throw error
  }
}
