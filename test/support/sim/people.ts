/** What people do with a page, as far as it can be done at that moment. */
import type { MessageId, ThreadId } from '../../../src/shared/ids.ts'
import { inputHash } from '../../../src/shared/input-hash.ts'
import { selectQueue } from '../../../src/client/store/activity.ts'
import type { ShownQueued } from '../../../src/client/store/activity.ts'
import type { ShownTurn } from '../../../src/client/store/turns.ts'
import type { Deed } from './plans.ts'
import type { SimPage } from './page.ts'
import type { Watch } from './watch.ts'

/** Words that somebody wrote. Each has a number that is nowhere else, so that it is known again wherever it comes to stand. */
export interface Said {
  readonly token: string
  readonly thread: ThreadId
  /** Somebody took it back. */
  removed: boolean
}

export interface People {
  act(deed: Deed, page: SimPage, pick: number): void
  /** Answers what is asked, sends again what failed, lets queues go on. */
  helpOut(page: SimPage): void
  readonly said: readonly Said[]
}

/** So much waits for an answer, and a person waits too. */
const PATIENCE = 2

export function createPeople(threads: ThreadId[], watch: Watch): People {
  const said: Said[] = []
  const words = (thread: ThreadId): string => {
    const token = `question ${said.length + 1}.`
    said.push({ token, thread, removed: false })
    return token
  }
  const threadOf = (page: SimPage) => page.state().current ?? (threads[0] as ThreadId)
  const pickOf = <T>(from: readonly T[], pick: number): T | undefined => from[pick % Math.max(1, from.length)]
  const waits = (page: SimPage) => selectQueue(page.state(), threadOf(page))

  function onQueued(page: SimPage, pick: number, act: (message: ShownQueued, thread: ThreadId) => Promise<void>): void {
    const message = pickOf(waits(page).filter((one) => one.state !== 'sending'), pick)
    if (message !== undefined) void act(message, threadOf(page))
  }

  function onTurn(page: SimPage, fits: (turn: ShownTurn) => boolean, pick: number, act: (turn: ShownTurn, thread: ThreadId) => void): void {
    const turn = pickOf(page.turns().filter((one) => one.outgoing === null && fits(one)), pick)
    if (turn !== undefined) act(turn, threadOf(page))
  }

  function answerAll(page: SimPage, decision: string): void {
    for (const turn of page.turns()) {
      for (const part of turn.replies.flatMap((reply) => reply.parts)) {
        if (part.kind === 'tool' && part.approval?.state === 'pending' && turn.run !== null) void page.actions.answer(threadOf(page), turn.run.id, part.approval.id, { decision, inputHash: inputHash(part.approval.input) })
      }
    }
  }

  function resendAll(page: SimPage): void {
    for (const { outgoing } of page.state().content[threadOf(page)]?.outgoing.map((one) => ({ outgoing: one })) ?? []) if (outgoing.status === 'failed') page.actions.resend(threadOf(page), outgoing.id)
  }

  function act(deed: Deed, page: SimPage, pick: number): void {
    const { actions } = page
    const thread = threadOf(page)
    switch (deed) {
      case 'send': {
        if (waits(page).length >= PATIENCE) return undefined
        // What was refused because the thread is busy stands in the field again, and goes out from there.
        const draft = page.state().drafts[thread] ?? ''
        return actions.send(thread, draft === '' ? words(thread) : draft)
      }
      case 'send in a new chat': {
        if (threads.length > 4) return undefined
        const token = `question ${said.length + 1}.`
        actions.openThread(null)
        actions.send(null, token)
        const made = page.state().current as ThreadId
        threads.push(made)
        said.push({ token, thread: made, removed: false })
        return undefined
      }
      case 'stop':
        return actions.stop(thread)
      case 'retry':
        return onTurn(page, (turn) => turn.run?.outcome !== undefined && turn.message.parts.length > 0, pick, (turn) => {
          watch.branched(thread)
          actions.retry(thread, turn.key)
        })
      case 'edit':
        return onTurn(page, (turn) => turn.run !== null && turn.message.parts.length > 0, pick, (turn) => {
          watch.branched(thread)
          actions.edit(thread, turn.key, words(thread))
        })
      case 'go on':
        return onTurn(page, ({ run, replies }) => run?.outcome !== undefined && run.outcome !== 'completed' && replies.length > 0, pick, ({ replies }) => {
          watch.branched(thread)
          actions.goOn(thread, replies.at(-1)?.id as MessageId)
        })
      case 'look at another branch':
        return onTurn(page, ({ versions, answers }) => versions !== undefined || answers !== undefined, pick, ({ versions, answers }) => {
          const ids = [...(versions?.ids ?? []), ...(answers?.ids ?? [])]
          void actions.lookAt(thread, ids[pick % ids.length] as MessageId)
        })
      case 'answer a question':
        return answerAll(page, pick % 3 > 0 ? 'approve' : 'deny')
      case 'switch chats':
        return actions.openThread(threads[(threads.indexOf(thread) + 1 + pick) % threads.length] as ThreadId)
      case 'send again':
        return resendAll(page)
      case 'edit what waits':
        return onQueued(page, pick, ({ id, parts }) => actions.queue.edit(thread, id, `${parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('')} Please.`))
      case 'move what waits':
        return onQueued(page, pick, ({ id }) => actions.queue.move(thread, id, pickOf(waits(page), pick + 1)?.id ?? null))
      case 'remove what waits':
        return onQueued(page, pick, ({ id, parts }) => {
          for (const one of said) if (parts.some((part) => part.kind === 'text' && part.text.includes(one.token))) one.removed = true
          return actions.queue.remove(thread, id)
        })
      case 'send now':
        return onQueued(page, pick, ({ id }) => actions.queue.sendNow(thread, id))
      case 'steer':
        return onQueued(page, pick, ({ id }) => actions.queue.steer(thread, id))
      case 'let the queue go on':
        return void actions.queue.resume(thread)
      case 'show':
        return page.resume('hidden')
      case 'go online':
        return page.resume('offline')
      case 'open': // the tab is open
        return undefined
      default:
        return deed satisfies never
    }
  }

  return {
    act, said,
    helpOut(page) {
      page.resume('hidden')
      page.resume('offline')
      answerAll(page, 'approve')
      resendAll(page)
      const queue = page.state().threads.byId[threadOf(page)]?.queue
      if (queue !== undefined && queue.paused !== null && queue.messages.length > 0) void page.actions.queue.resume(threadOf(page))
    },
  }
}
