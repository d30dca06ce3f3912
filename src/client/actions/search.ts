/** Searching all threads, for the list and the palette; and in one thread. */
import type { Actions, SearchAnswer } from '../store/state.ts'
import { putThreads } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import { tried } from './trouble.ts'

const PAGE = 30
const HITS = 200

/** What the server knows of one thread that the page need not hold. */
export function createLookUps({ api, explain }: Pick<PartDeps, 'api' | 'explain'>): Pick<Actions, 'find' | 'branches'> {
  return {
    find: (thread, { text, ...rest }) => tried(explain, () => api.find(thread, { limit: HITS, ...(text === undefined ? {} : { q: text }), ...rest })),
    branches: (thread) => tried(explain, () => api.branches(thread)),
  }
}

/** Threads that are found become known to the page: they may lie further back than the list has been read. */
export function createSearch({ store, api, explain }: Pick<PartDeps, 'store' | 'api' | 'explain'>) {
  return async (query: string, cursor?: string): Promise<SearchAnswer> => {
    try {
      const page = await api.listThreads({ q: query, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
      store.update((state) => putThreads(state, page.threads.filter((thread) => state.threads.byId[thread.id] === undefined)))
      const found = page.threads.flatMap((thread, i) => {
        const hit = page.hits?.[i]
        return hit?.thread === thread.id ? [{ thread, hit }] : []
      })
      return { kind: 'found', found, cursor: page.cursor }
    } catch (error) {
      return { kind: 'failed', message: explain(error) }
    }
  }
}
