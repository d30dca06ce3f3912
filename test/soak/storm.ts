/**
 * Many runs on the built server as a process, each followed by real browser halves through the fault proxy, while connections are cut, reset and
 * swallowed and the server is killed; then a reckoning: nothing lost, nothing twice, nobody stuck.
 */
import { randomBytes } from 'node:crypto'
import { createFetchApi } from '../../src/client/api/fetch-api.ts'
import { encodeId } from '../../src/shared/ids.ts'
import type { MessageId, ThreadId } from '../../src/shared/ids.ts'
import { eventPageSchema, read } from '../../src/shared/protocol.ts'
import type { Outcome, Run, RunEvent } from '../../src/shared/protocol.ts'
import { content } from '../../src/shared/covers.ts'
import { agentParts } from '../../src/shared/transcript.ts'
import { createFaultProxy } from '../support/fault-proxy.ts'
import { createChecker } from '../support/history/checker.ts'
import type { Checker } from '../support/history/checker.ts'
import { piecesOf } from '../support/planned-agent.mjs'
import { savedMessages } from '../support/server-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { textOf } from '../support/test-server.ts'
import { withinTurns } from './patience.ts'
import { createNetworkOf, standInForBrowser, watchRun } from './watcher.ts'
import type { Watcher } from './watcher.ts'

export interface StormPlan {
  readonly seed: number
  readonly runs: number
  readonly atOnce: number
  /** SIGKILLs of the server. The storm goes on until all are done, whatever else it takes. */
  readonly kills: number
  readonly watchersPerRun: number
  /** Told now and then. */
  readonly onProgress?: (text: string) => void
}

export interface StormReport {
  readonly runs: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly kills: number
  /** Faults of each kind. */
  readonly faults: Readonly<Record<string, number>>
  /** Watchers that needed calm weather to come to the end. */
  readonly calmed: number
  readonly connections: number
  readonly characters: number
  /** Empty: nothing lost, nothing twice, nobody stuck. */
  readonly violations: readonly string[]
  /**
   * ms from the word that the network is back, as a browser has it, to text that was not shown before (or the end). Of one reader that was cut off while
   * all others go on; and of all of them at once, who share this process's one core with each other and with the network between.
   */
  readonly resumedAlone: Percentiles
  readonly resumedTogether: Percentiles
  /** ms from the restarted server's first answer to the settled end, for each watcher. */
  readonly healed: Percentiles
}

export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** A run that takes longer is given calm weather: on a machine that others keep busy, faults may come faster than anybody can join. */
const STORMY_MS = 60_000
/** Longer than this in calm weather and a run is stuck: the longest back-off, then the longest pause between looks at the record. */
const STUCK_MS = 60_000
/** No new fault comes so long while the network's return is timed. */
const CALM_MS = 10_000

export async function storm({ seed, runs, atOnce, kills, watchersPerRun, onProgress = () => {} }: StormPlan): Promise<StormReport> {
  standInForBrowser()
  const random = dice(seed)
  const behind = { host: '127.0.0.1', port: 0 }
  const proxy = await createFaultProxy({ target: behind })
  const server = await startServerProcess({ ALLOWED_HOSTS: proxy.host, TEST_AGENT: 'planned', LOG_LEVEL: 'warn' })
  behind.port = server.port
  const lifecycle = createNetworkOf()
  const watching = new Set<Watcher>()
  const violations: string[] = []
  const faults: Record<string, number> = {}
  const outcomes: Record<Outcome, number> = { completed: 0, cancelled: 0, failed: 0, interrupted: 0 }
  const resumedAlone: number[] = []
  const resumedTogether: number[] = []
  const healed: number[] = []
  let connections = 0
  let characters = 0
  let killed = 0
  let done = 0
  let begun = 0
  let over = false
  /** The misfortune that is under way. */
  let striking = Promise.resolve()
  /** Watchers for whom the weather is held. */
  let calm = 0
  let calmed = 0

  const count = (kind: string) => { faults[kind] = (faults[kind] ?? 0) + 1 }
  /** Until each of them has shown something new, in calm weather. */
  const fresh = async (watchers: readonly Watcher[], into: number[]) => {
    const since = performance.now()
    await Promise.all(watchers.map(async (watcher) => {
      while (watcher.newsAt() <= since && performance.now() - since < CALM_MS) await sleep(1)
      into.push(Math.max(0, watcher.newsAt() - since))
    }))
  }

  const misfortunes: Record<string, () => Promise<void>> = {
    async fin() { proxy.cut(/stream/) },
    async rst() { proxy.rst() },
    async 'cut in a frame'() { proxy.budget(Math.floor(random() * 3_000), random() < 0.5 ? 'fin' : 'rst', /stream/) },
    async '502'() {
      proxy.answerNext(502, { 'content-type': 'text/html' }, '<h1>Bad gateway</h1>', /stream/)
      proxy.rst(/stream/)
    },
    async 'answer lost'() { proxy.rewriteNext(503, /POST/) },
    async 'black hole'() {
      proxy.blackHole()
      await sleep(50 + random() * 600)
      if (random() < 0.5) proxy.rst()
      proxy.heal()
    },
    async 'server frozen'() {
      server.freeze(true)
      await sleep(50 + random() * 1_500)
      server.freeze(false)
    },
    async 'network down'() {
      const waiting = [...watching].filter((watcher) => !watcher.ended)
      proxy.refuse()
      proxy.rst()
      lifecycle.send({ type: 'paused', reason: 'offline' })
      await sleep(50 + random() * 500)
      proxy.heal()
      lifecycle.send({ type: 'resumed', reason: 'offline' })
      await fresh(waiting, resumedTogether)
    },
    async 'one reader’s network down'() {
      const reading = [...watching].filter((watcher) => watcher.told.at(-1)?.kind === 'streaming')
      const one = reading[Math.floor(random() * reading.length)]
      if (one === undefined) return
      one.network.send({ type: 'paused', reason: 'offline' })
      proxy.rst(new RegExp(`${one.run.id}/stream`))
      await sleep(50 + random() * 500)
      one.network.send({ type: 'resumed', reason: 'offline' })
      await fresh([one], resumedAlone)
    },
  }

  const kill = async () => {
    killed += 1
    await server.kill()
    const waiting = [...watching].filter((watcher) => !watcher.ended)
    await server.restart()
    const since = performance.now()
    for (const watcher of waiting) void watcher.over.then(() => healed.push(performance.now() - since))
  }

  const weather = async () => {
    const kinds = Object.keys(misfortunes)
    while (!over) {
      await sleep(20 + random() * 300)
      if (calm > 0) continue
      // Spread over the runs, so that the last of them die too.
      if (killed < kills && begun >= (killed * runs) / kills) {
        striking = kill()
        await striking
        continue
      }
      const kind = kinds[Math.floor(random() * kinds.length)] ?? 'rst'
      count(kind)
      striking = misfortunes[kind]?.() ?? Promise.resolve()
      await striking
    }
    proxy.heal()
  }

  const oneRun = async (number: number) => {
    const plan = { pieces: 10 + Math.floor(random() * 150), everyMs: 1 + Math.floor(random() * 15), chars: 4 + Math.floor(random() * 60), name: `${number}.` }
    const stopAfterMs = random() < 0.15 ? random() * 800 : null
    const run = await send(proxy.url, JSON.stringify(plan), () => over)
    const history = createChecker()
    const watchers = Array.from({ length: watchersPerRun }, (_, i) => watchRun(proxy.url, run, lifecycle, `reader ${i}`, history.see))
    for (const watcher of watchers) watching.add(watcher)
    if (stopAfterMs !== null) setTimeout(() => void stop(server, run), stopAfterMs)
    await Promise.all(watchers.map((watcher) => stuckOr(watcher)))
    for (const watcher of watchers) {
      watching.delete(watcher)
      watcher.dispose()
      connections += watcher.connections()
    }
    await reckon(run, piecesOf(plan).join(''), watchers, history)
    done += 1
    if (done % 50 === 0) onProgress(`${done} runs, ${killed} kills, ${violations.length} violations, fresh text ${percentiles(resumedAlone).p50} ms after one reader’s network is back (median of ${resumedAlone.length})`)
  }

  const stuckOr = async (watcher: Watcher) => {
    if (await withinTurns(STORMY_MS, watcher.over)) return
    calm += 1
    calmed += 1
    await Promise.race([striking, watcher.over]) // the last misfortune may be a server that is slow to come back
    if (!(await withinTurns(STUCK_MS, watcher.over))) {
      violations.push(`run ${watcher.run.id}: a watcher is stuck`)
      onProgress(`run ${watcher.run.id}: a watcher is stuck at ${new Date().toISOString().slice(14, 23)}, ${JSON.stringify(watcher.told.at(-1))}; it asked last:\n${watcher.asked.join('\n')}`)
    }
    calm -= 1
  }

  /** What is saved against what the agent said and what was shown. */
  const reckon = async (run: Run, whole: string, watchers: readonly Watcher[], history: Checker) => {
    const say = (what: string) => violations.push(`run ${run.id}: ${what}`)
    const saved = await again(() => savedMessages(server.url, run.thread))
    const row = await again(async () => (await (await fetch(`${server.url}/api/runs/${run.id}`)).json()) as Run)
    const list = await again(async () => ((await (await fetch(`${server.url}/api/threads/${run.thread}/runs`)).json()) as { runs: Run[] }).runs)
    const { events } = await again(async () => read(eventPageSchema, await (await fetch(`${server.url}/api/runs/${run.id}/events?limit=1000`)).json()))
    const text = textOf(saved)
    characters += text.length
    if (row.outcome !== undefined) outcomes[row.outcome] += 1
    if (list.length !== 1 || saved.filter(({ role }) => role === 'user').length !== 1) say('a message was taken twice')
    if (!whole.startsWith(text)) say('what is saved is not what the agent said')
    if (row.outcome === 'completed' && text !== whole) say('a completed answer is not whole')
    history.see({ type: 'journal', run: run.id, events: events as RunEvent[] }) // of the same build: every kind is known
    if (row.outcome !== undefined) history.see({ type: 'ended', by: 'the row', run: run.id, outcome: row.outcome })
    for (const { reader, shown, violations: own } of watchers) {
      const last = shown()?.transcript
      if (last !== undefined) history.see({ type: 'settled', reader, run: run.id, parts: Object.fromEntries(agentParts(last).map((part) => [part.id, content(part)])) })
      for (const violation of own) say(violation)
    }
    for (const { rule, what } of history.violations()) say(`${rule}: ${what}`)
  }

  const again = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        if (tries > 1_200) throw error // killed just now, or about to be started again, which takes long on a busy machine
        await sleep(50)
      }
    }
  }

  try {
    const worker = async () => {
      while (begun < runs || killed < kills) await oneRun(begun++)
    }
    // As one, so that what went wrong first is what is told.
    await Promise.all([weather(), Promise.all(Array.from({ length: atOnce }, worker)).then(() => { over = true })])
  } finally {
    over = true
    await proxy.close()
    await server.close()
  }
  return { runs: done, outcomes, kills: killed, faults, calmed, connections, characters, violations, resumedAlone: percentiles(resumedAlone), resumedTogether: percentiles(resumedTogether), healed: percentiles(healed) }
}

/** Sends as the outbox does: the same message id until it is taken. */
async function send(base: string, text: string, given: () => boolean): Promise<Run> {
  const api = createFetchApi({ fetch, base, timeoutMs: 5_000 })
  const thread = encodeId(randomBytes(16)) as ThreadId
  const message = { id: encodeId(randomBytes(16)) as MessageId, parts: [{ kind: 'text' as const, text }] }
  for (;;) {
    try {
      const answer = await api.startRun(thread, { message })
      if ('queue' in answer) throw new Error('The message waits, in a thread of its own.')
      return answer
    } catch (error) {
      if (given()) throw error
      await sleep(50)
    }
  }
}

async function stop(server: ServerProcess, run: Run): Promise<void> {
  try {
    await fetch(`${server.url}/api/runs/${run.id}/cancel`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  } catch {
    // The server is dead just now: then this run ends as interrupted, which is checked.
  }
}

function percentiles(values: number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) }
}

function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function describeReport({ runs, outcomes, kills, faults, calmed, connections, characters, violations, resumedAlone, resumedTogether, healed }: StormReport): string {
  const list = (counts: Readonly<Record<string, number>>) => Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')
  return [
    `${runs} runs (${list(outcomes)}), ${kills} SIGKILLs, ${list(faults)}`,
    `${calmed} of the readers came to the end only in calm weather`,
    `${connections} connections, ${characters} characters saved`,
    `new text ${resumedAlone.p50} ms after a reader is told that its network is back, while all others go on (median; p99 ${resumedAlone.p99} ms, ${resumedAlone.count} times)`,
    `${resumedTogether.p50} ms where all come back at once, in one process on one core (p99 ${resumedTogether.p99} ms, ${resumedTogether.count} times)`,
    `settled ${healed.p50} ms after the server is back (p99 ${healed.p99} ms, ${healed.count} times)`,
    violations.length === 0 ? '0 lost, 0 twice, 0 stuck' : `${violations.length} VIOLATIONS\n${violations.slice(0, 20).join('\n')}`,
  ].join('\n')
}

