/**
 * Titles by the agent, after a thread's first whole exchange: asked for once, whatever comes of it, and never over a name that a person gave.
 * A title is a nicety: where none comes the thread keeps the first words of its message, and only the log says why.
 */
import type { Run } from '../../shared/protocol.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { Agent } from '../agents/agent.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

export interface Titles {
  /** A run has settled; `transcript` is all that it said. */
  settled(run: Run, transcript: Transcript): void
  /** Gives up what is asked for, before the store closes. */
  close(): Promise<void>
}

export interface TitlesDeps {
  readonly storage: Pick<Storage, 'claimTitle' | 'giveTitle'>
  readonly agents: { get(id: string): Agent | undefined }
  readonly clock: Clock
  readonly log: Log
}

const PATIENCE_MS = 30_000
const LONGEST = 60

export function createTitles({ storage, agents, clock, log }: TitlesDeps): Titles {
  const closing = new AbortController()
  const asking = new Set<Promise<void>>()

  async function ask(run: Run, transcript: Transcript, agent: Agent & Required<Pick<Agent, 'title'>>): Promise<void> {
    if (!(await storage.claimTitle(run.thread))) return
    const late = new AbortController()
    const cancel = clock.after(PATIENCE_MS, () => late.abort(new Error(`no title came within ${PATIENCE_MS / 1000} s`)))
    try {
      const title = tidyTitle(await agent.title({ messages: transcript.messages, model: run.model }, AbortSignal.any([closing.signal, late.signal])))
      if (title === null) log.info({ thread: run.thread, run: run.id }, 'the agent gave no title')
      else if (!closing.signal.aborted) await storage.giveTitle({ thread: run.thread, title })
    } finally {
      cancel()
    }
  }

  return {
    settled(run, transcript) {
      const agent = agents.get(run.agent)
      const answered = transcript.messages.some((message) => message.role === 'assistant' && message.parts.some((part) => part.kind === 'text' && part.text.trim() !== ''))
      if (!canTitle(agent) || run.outcome !== 'completed' || !answered || closing.signal.aborted) return
      const asked = ask(run, transcript, agent)
        .catch((error: unknown) => log.warn({ thread: run.thread, run: run.id, err: error }, 'the thread got no title from its agent'))
        .finally(() => asking.delete(asked))
      asking.add(asked)
    },
    async close() {
      closing.abort(new Error('the server is going down'))
      await Promise.all(asking)
    },
  }
}

function canTitle(agent: Agent | undefined): agent is Agent & Required<Pick<Agent, 'title'>> {
  return agent?.title !== undefined
}

/** One short line without the quotes, marks and labels that models like to put around it. Null: nothing is left. */
export function tidyTitle(said: string): string | null {
  const line = said.split('\n').map((one) => one.trim()).find((one) => /[\p{L}\p{N}]/u.test(one)) ?? ''
  const bare = line
    .replace(/^(?:[#>*_\s-]+|title\s*:)+/i, '')
    .replaceAll(/^["'“”‘’«»*_`\s]+|["'“”‘’«»*_`\s]+$/g, '')
    .replace(/(?<!\.)[.。]$/, '')
    .replaceAll(/\s+/g, ' ')
  if (bare === '') return null
  if (bare.length <= LONGEST) return bare
  const cut = bare.slice(0, LONGEST - 1)
  return `${(/\s/.test(cut) ? cut.replace(/\s+\S*$/, '') : cut).replace(/[\ud800-\udbff]$/, '')}…`
}
