/** What keeps a page up to date once it is drawn: the connections and those who own them. Fetched apart, because nothing of it is needed to draw a chat. */
import type { Api } from '../api/api.ts'
import { createStreamController } from './controller.ts'
import type { CreateFollower } from './following.ts'
import { createSettleCheck } from './settle-check.ts'
import type { Transport } from './transport.ts'

export { createFeed } from './feed.ts'
export { createFetchFeedTransport, createFetchTransport } from './fetch-transport.ts'

export interface Connected {
  readonly transport: Transport
  readonly api: Pick<Api, 'getRun' | 'messages'>
}

/** Followers whose runs come over this transport and are saved behind this API. */
export function following({ transport, api }: Connected): CreateFollower {
  const checkSettled = createSettleCheck(api)
  return (deps) => createStreamController({ ...deps, transport, checkSettled })
}
