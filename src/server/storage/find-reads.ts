/** Reads that look through a whole thread: for words, for what people said, for its branches. */
import { stretchesOf } from '../../shared/branches.ts'
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { BranchMap, FindPage, Message } from '../../shared/protocol.ts'
import { placeOfWords, shownInMessage } from '../../shared/shown-text.ts'
import { newestUnder, pathTo, treeOf } from '../../shared/turns.ts'
import { placeOf, readPlace } from './places.ts'
import { readable } from './readable.ts'
import type { ReadSource } from './reads.ts'
import type { FindQuery } from './storage.ts'

/** Messages that one search looks at: some 10 ms of reading. */
const LOOKED_AT = 1_000
const EXCERPT = 140
const LEAD = 40

export function find(source: ReadSource, id: ThreadId, { text, before, through, limit }: FindQuery): FindPage {
  const path = through === undefined ? null : pathThrough(source, id, through)
  const rows = source.messagePage(id, readPlace(before), LOOKED_AT + 1)
  const seen = rows.slice(0, LOOKED_AT)
  const hits: FindPage['hits'] = []
  for (const row of seen) {
    if ((text === undefined && row.role !== 'user') || path?.has(row.id) === false) continue
    const message = readable(source, row)
    const excerpt = excerptOf(message, text)
    if (excerpt !== null) hits.push({ message: message.id, role: message.role, at: message.at, excerpt })
    if (hits.length === limit) return { hits, before: placeOf(row) }
  }
  const last = seen.at(-1)
  return { hits, before: rows.length > LOOKED_AT && last !== undefined ? placeOf(last) : null }
}

export function branchMap(source: ReadSource, id: ThreadId): BranchMap {
  const { messages, runs } = placed(source, id)
  const roles = new Map(messages.map((message) => [message.id, message.role]))
  const excerpt = (message: MessageId) => {
    const row = source.message(id, message)
    return { message, excerpt: row === undefined ? '' : (excerptOf(readable(source, row), undefined) ?? '') }
  }
  return {
    branches: stretchesOf(messages, runs).map(({ first, last, turns, parent }) => {
      const reply = first.replies.find((message) => roles.get(message.id) === 'assistant')
      return {
        id: first.run.id, last: last.run.id, parent: parent?.first.run.id ?? null, turns, at: first.run.started_at,
        question: excerpt(first.message.id), answer: reply === undefined ? null : excerpt(reply.id),
      }
    }),
  }
}

/** The messages of the branch that goes through this run, and of what follows it the newest. Null: there is no such run here. */
function pathThrough(source: ReadSource, id: ThreadId, run: RunId): ReadonlySet<MessageId> | null {
  const { messages, runs } = placed(source, id)
  const tree = treeOf(messages, runs)
  const chosen = tree.find((node) => node.run.id === run)
  if (chosen === undefined) return null
  return new Set(pathTo(newestUnder(tree, chosen)).flatMap((node) => [node.message.id, ...node.replies.map((reply) => reply.id)]))
}

/** Every message of a thread with the run that wrote it, and every run. */
function placed(source: ReadSource, id: ThreadId) {
  const runs = source.runsOf(id)
  const runIds = new Map(runs.map((row) => [row.key, row.id]))
  const messages = source.places(id).flatMap((row) => {
    const run = runIds.get(row.run)
    return run === undefined ? [] : [{ id: row.id, run, after: row.after, role: row.role }]
  })
  return { messages, runs }
}

/** Words around the first place of `text`, or the message's beginning, else the names of its files. Null: it does not hold the text, or says nothing. */
function excerptOf(message: Message, text: string | undefined): string | null {
  const words = text === undefined ? shownInMessage({ ...message, parts: message.parts.filter((part) => part.kind === 'text') }) : ''
  const said = words === '' ? shownInMessage(message) : words
  const at = text === undefined ? 0 : placeOfWords(said, text, message.role !== 'user')
  if (at < 0) return null
  const from = Math.max(0, at - LEAD)
  const line = said.slice(from, from + EXCERPT).replaceAll(/^[\udc00-\udfff]|[\ud800-\udbff]$|\s+/g, ' ').trim()
  return line === '' ? null : `${from > 0 ? '…' : ''}${line}${from + EXCERPT < said.length ? '…' : ''}`
}
