/**
 * Two servers on one store that may both believe to own its one run, for exploring them: the real run machine (`step.ts`) and the real transactions, and between them
 * what `runs.ts`, `drive.ts`, `landed-starts.ts` and `journal-writer.ts` do about a run, each wait of theirs a place where anything may come between.
 */
import { openRun, step } from '../../../src/server/runs/step.ts'
import type { RunEffect, RunInput, RunState } from '../../../src/server/runs/step.ts'
import { JOIN_MS, wakeAt } from '../../../src/server/runs/recording.ts'
import { encodeBatch } from '../../../src/server/storage/journal-codec.ts'
import { FencedError } from '../../../src/server/storage/storage.ts'
import type { AgentEvent } from '../../../src/server/agents/agent.ts'
import type { MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Counters, Outcome, Run, RunError, RunEvent, Transcript } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { noRows, transact } from './forking-tables.ts'
import type { Rows } from './forking-tables.ts'

const LEASE_MS = 10_000
const run = 'run-1' as RunId
const thread = 'thread-1' as ThreadId

interface Batch {
  readonly events: readonly RunEvent[]
  readonly folded: Transcript
  readonly counters?: Counters
  readonly waiting: boolean
  readonly end?: { readonly outcome: Outcome; readonly error?: RunError | undefined }
}

/** What `driveRun` and its journal writer hold. */
export interface Drive {
  readonly state: RunState
  readonly epoch: number
  readonly agent: 'works' | 'done'
  readonly aborted: boolean
  readonly grace: boolean
  /** Handed to the store, again and again until it answers. */
  readonly writing: Batch | null
  readonly gathered: Batch | null
  readonly committed: Transcript
  /** Somebody's Stop was recorded, and the news of it is under way. */
  readonly unheard: boolean
  readonly heardStop: boolean
}

/** One process. */
export interface Server {
  readonly up: boolean
  /** Each process has a name of its own. */
  readonly born: number
  readonly drive: Drive | null
  /** Its start failed, and so did the look whether it landed. */
  readonly unsure: boolean
  /** It has claimed the run, and is reading its journal. */
  readonly claimed: { readonly epoch: number; readonly stopped: boolean } | null
  /** It saves the run. */
  readonly settling: { readonly run: Run; readonly folded: Transcript } | null
  /** Stop acts already, and its record is tried again. */
  readonly stopDue: boolean
}

export interface World {
  readonly now: number
  readonly rows: Rows
  readonly servers: readonly [Server, Server]
  /** Processes that ever were. */
  readonly births: number
  readonly stopPressed: boolean
  /** A server was killed, went down, or was taken for dead by another. */
  readonly lossPossible: boolean
}

export interface Choice {
  readonly name: string
  readonly take: (world: World) => World
}

export type Answer = 'ok' | 'lost' | 'landed'

const down = (born: number): Server => ({ up: false, born, drive: null, unsure: false, claimed: null, settling: null, stopDue: false })
export const firstWorld: World = { now: 1_000, rows: noRows, servers: [{ ...down(1), up: true }, down(2)], births: 2, stopPressed: false, lossPossible: false }

/** Something that must never be. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

const ownerOf = (server: Server) => `owner-${server.born}`
const set = (world: World, index: number, change: Partial<Server>): World => ({
  ...world, servers: world.servers.map((server, at) => (at === index ? { ...server, ...change } : server)) as unknown as World['servers'],
})
const setDrive = (world: World, index: number, change: Partial<Drive>): World => {
  const drive = world.servers[index]?.drive
  return drive === null || drive === undefined ? world : set(world, index, { drive: { ...drive, ...change } })
}

/** The run machine makes a step, and what it asks for is done. */
function dispatch(world: World, index: number, input: RunInput): World {
  const { drive } = world.servers[index] as Server
  if (drive === null) return world
  const [state, effects] = step(drive.state, input, world.now)
  const heardStop = drive.heardStop || (input.type === 'stop' && drive.state.kind === 'running')
  return effects.reduce((so, effect) => carryOut(so, index, effect), setDrive(world, index, { state, heardStop }))
}

function carryOut(world: World, index: number, effect: RunEffect): World {
  const drive = (world.servers[index] as Server).drive as Drive
  switch (effect.type) {
    case 'append':
      return gather(world, index, { events: effect.events, folded: effect.folded, waiting: effect.waiting, ...(effect.counters === undefined ? {} : { counters: effect.counters }) })
    case 'end':
      if (drive.heardStop && effect.outcome !== 'cancelled') throw new Broken(`whoever pressed Stop sees ${effect.outcome}`)
      return gather(setDrive(world, index, { grace: false }), index, { events: effect.events, folded: effect.folded, counters: effect.counters, waiting: false, end: { outcome: effect.outcome, error: effect.error } })
    case 'abort-agent':
      return drive.state.kind === 'fenced' ? set(world, index, { drive: null }) : setDrive(world, index, { aborted: true })
    case 'start-grace':
      return setDrive(world, index, { grace: true })
    case 'approval-opened':
    case 'approval-decided':
    case 'steering':
    case 'dropped':
      return world
    default:
      return effect satisfies never
  }
}

function gather(world: World, index: number, batch: Batch): World {
  const { writing, gathered } = (world.servers[index] as Server).drive as Drive
  if (writing === null) return setDrive(world, index, { writing: batch })
  return setDrive(world, index, { gathered: gathered === null ? batch : { ...gathered, ...batch, events: [...gathered.events, ...batch.events] } })
}

/** The journal writer hears what became of the batch that it had handed over. */
function write(world: World, index: number, answer: Answer): World {
  const server = world.servers[index] as Server
  const { writing, gathered, epoch } = server.drive as Drive
  if (writing === null || answer === 'lost') return world
  const { events, folded: _folded, end, ...rest } = writing
  const input = { run, epoch, batch: encodeBatch(events), ...rest }
  let wrote: { readonly rows: Rows; readonly value: null | { readonly first: boolean; readonly run: Run } }
  try {
    wrote = end === undefined ? transact(world.rows, world.now, 'append', input) : transact(world.rows, world.now, 'end', { ...input, ...end, endedAt: events.at(-1)?.at ?? 0 })
  } catch (error) {
    if (!(error instanceof FencedError)) throw new Broken(`the store refuses for good: ${String(error)}`)
    return answer === 'landed' ? world : dispatch(world, index, { type: 'fenced' })
  }
  const landed = { ...world, rows: wrote.rows }
  if (answer === 'landed') return landed
  const told = wrote.value === null || wrote.value.first ? setDrive(landed, index, { committed: writing.folded }) : landed
  if (wrote.value === null) return setDrive(told, index, { writing: gathered, gathered: null })
  const { committed } = (told.servers[index] as Server).drive as Drive
  return set(told, index, { drive: null, settling: { run: wrote.value.run, folded: committed } })
}

function drive(world: World, index: number, epoch: number, agent: Drive['agent']): World {
  const folded = foldEvents(world.rows.journal)
  if (folded === null) throw new Broken('a run without a journal')
  return set(world, index, { drive: { state: openRun(folded), epoch, agent, aborted: false, grace: false, writing: null, gathered: null, committed: folded, unheard: false, heardStop: false }, claimed: null, unsure: false })
}

function launch(world: World, index: number, epoch: number): World {
  const driven = drive(world, index, epoch, 'works')
  return world.rows.run?.status === 'cancelling' ? dispatch(driven, index, { type: 'stop', by: 'user' }) : driven
}

function start(world: World, index: number, answer: Answer | 'landed in silence'): World {
  if (answer === 'lost') return world
  const begun = transact(world.rows, world.now, 'start', {
    thread, run, owner: ownerOf(world.servers[index] as Server), leaseMs: LEASE_MS, agent: 'demo', model: null, message: { id: 'asked' as MessageId, parts: [{ kind: 'text', text: 'Hi' }] }, fingerprint: 'asked', title: 'Hi',
  })
  const landed = { ...world, rows: begun.rows }
  return answer === 'landed in silence' ? set(landed, index, { unsure: true }) : launch(landed, index, 1)
}

/** The store can be read again. */
function findOut(world: World, index: number): World {
  const { run: row } = world.rows
  const server = world.servers[index] as Server
  return row?.owner === ownerOf(server) && row.outcome === null ? launch(world, index, row.epoch) : set(world, index, { unsure: false })
}

/** Stop reaches this server. */
function stop(world: World, index: number, answer: Answer): World {
  const pressed = { ...world, stopPressed: true }
  const landed = answer === 'lost' ? pressed : record(pressed, index)
  const drives = (landed.servers[index] as Server).drive !== null
  return answer !== 'ok' && drives ? dispatch(set(landed, index, { stopDue: true }), index, { type: 'stop', by: 'user' }) : landed
}

/** This server's own run hears of it with the commit; another server's later. */
function record(world: World, index: number): World {
  const { rows, value } = transact(world.rows, world.now, 'requestStop', { run, by: 'user' })
  if (value === null) throw new Broken('Stop for no run')
  const news = world.rows.run?.status !== 'cancelling' && rows.run?.status === 'cancelling'
  const told = { ...world, rows }
  if (!news) return told
  const others = told.servers.reduce((so, server, at) => (at !== index && server.drive !== null ? setDrive(so, at, { unheard: true }) : so), told as World)
  return dispatch(others, index, { type: 'stop', by: 'user' })
}

function claim(world: World, index: number, all: boolean): World {
  const server = world.servers[index] as Server
  const held = server.drive !== null || server.unsure || server.claimed !== null ? [run] : []
  const { rows, value } = transact(world.rows, world.now, 'claim', { owner: ownerOf(server), leaseMs: LEASE_MS, ...(all ? { all } : { held }) })
  const orphan = value.orphans[0]
  const claimed = { ...world, rows }
  if (orphan !== undefined) return set(claimed, index, { claimed: { epoch: orphan.epoch, stopped: orphan.stopRequestedBy !== null } })
  const left = value.unsettled[0]
  const folded = left === undefined || server.settling !== null ? null : foldEvents(rows.journal)
  return left === undefined || folded === null ? claimed : set(claimed, index, { settling: { run: left, folded } })
}

function takeOver(world: World, index: number): World {
  const { claimed } = world.servers[index] as Server
  if (claimed === null) return world
  // Another may have closed it since the claim.
  if (foldOf(world.rows.journal)?.outcome !== undefined) return set(world, index, { claimed: null })
  const driven = drive(world, index, claimed.epoch, 'done')
  const stopped = claimed.stopped || world.rows.run?.status === 'cancelling'
  return dispatch(stopped ? dispatch(driven, index, { type: 'stop', by: 'user' }) : driven, index, { type: 'lost', reason: 'the server was lost' })
}

function settle(world: World, index: number, answer: Answer): World {
  const { settling } = world.servers[index] as Server
  if (settling === null || answer === 'lost') return world
  const { usage, modelCalls, toolCalls } = settling.run
  const messages = settling.folded.messages.slice(1)
  const { rows } = transact(world.rows, world.now, 'settle', { run, messages, counters: { usage, modelCalls, toolCalls, messages: messages.length }, notices: settling.folded.notices })
  return answer === 'landed' ? { ...world, rows } : set({ ...world, rows }, index, { settling: null })
}

/** The watch over leases: renew, then claim. */
function keepLeases(world: World, index: number): World {
  const server = world.servers[index] as Server
  if (server.drive === null) return claim(world, index, false)
  const { rows, value } = transact(world.rows, world.now, 'renew', { owner: ownerOf(server), leaseMs: LEASE_MS, runs: [run] })
  const renewed = { ...world, rows }
  return claim(value.length > 0 ? dispatch(renewed, index, { type: 'fenced' }) : renewed, index, false)
}

function boot(world: World, index: number): World {
  const booted = set({ ...world, births: world.births + 1, lossPossible: true }, index, { ...down(world.births + 1), up: true })
  return claim(booted, index, true)
}

function says(world: World, index: number): World {
  const open = ((world.servers[index] as Server).drive as Drive).state.recording.parts.has('a')
  const event: AgentEvent = open ? { type: 'part.delta', part: 'a', text: 'word ' } : { type: 'part.started', part: 'a', kind: 'text' }
  return dispatch(world, index, { type: 'yielded', event })
}

const answers: readonly Answer[] = ['ok', 'lost', 'landed']

/** Everything that could come next. */
export function choices(world: World): Choice[] {
  const found: Choice[] = []
  for (const [index, server] of world.servers.entries()) {
    const who = 'AB'[index] as string
    const may = (name: string, take: Choice['take']) => void found.push({ name: `${who} ${name}`, take })
    if (!server.up) {
      may('boots', (so) => boot(so, index))
      continue
    }
    may('is killed', (so) => set({ ...so, lossPossible: true }, index, { ...down(server.born) }))
    if (world.rows.run === undefined) {
      for (const answer of [...answers, 'landed in silence' as const]) may(`starts: ${answer}`, (so) => start(so, index, answer))
      continue
    }
    if (world.rows.run.settled === 0) {
      // Once it is recorded, another press is answered and changes nothing.
      if (world.rows.run.outcome === null && (world.rows.run.status !== 'cancelling' || server.drive?.state.kind === 'running')) for (const answer of answers) may(`is told Stop: ${answer}`, (so) => stop(so, index, answer))
      may('keeps leases', (so) => keepLeases(so, index))
    }
    if (server.stopDue) may('records Stop', (so) => set(record(so, index), index, { stopDue: false }))
    if (server.unsure) may('finds out', (so) => findOut(so, index))
    if (server.claimed !== null) may('takes over', (so) => takeOver(so, index))
    if (server.settling !== null) for (const answer of answers) may(`settles: ${answer}`, (so) => settle(so, index, answer))
    const { drive: driven } = server
    if (driven === null) continue
    if (driven.writing !== null) for (const answer of answers) may(`writes: ${answer}`, (so) => write(so, index, answer))
    if (driven.unheard) may('hears of Stop', (so) => dispatch(setDrive(so, index, { unheard: false }), index, { type: 'stop', by: 'user' }))
    if (driven.grace) may('has waited long enough', (so) => dispatch(setDrive(so, index, { grace: false }), index, { type: 'grace-over' }))
    if (wakeAt(driven.state.recording) !== null && (driven.state.kind === 'running' || driven.state.kind === 'stopping')) may('wakes', (so) => dispatch({ ...so, now: so.now + JOIN_MS }, index, { type: 'woke' }))
    may('goes down', (so) => dispatch({ ...so, lossPossible: true }, index, { type: 'lost', reason: 'shut down' }))
    if (driven.agent === 'done') continue
    may("'s agent speaks", (so) => says(so, index))
    may("'s agent returns", (so) => dispatch(setDrive(so, index, { agent: 'done' }), index, { type: 'returned' }))
    may("'s agent throws", (so) => dispatch(setDrive(so, index, { agent: 'done' }), index, { type: 'threw', error: { code: 'x', message: 'y', retryable: true } }))
  }
  if (world.rows.run !== undefined && world.rows.run.lease_until > world.now) found.push({ name: 'a lease runs out', take: (so) => ({ ...so, now: so.now + LEASE_MS + 1, lossPossible: so.lossPossible || so.servers.every((server) => server.up) }) })
  return found
}

const folds = new WeakMap<readonly RunEvent[], Transcript | null>()

function foldOf(journal: readonly RunEvent[]): Transcript | null {
  const known = folds.get(journal)
  if (known !== undefined) return known
  const folded = foldEvents(journal)
  folds.set(journal, folded)
  return folded
}

/** What must hold behind every step. Throws `Broken`. */
export function mustHold(before: World, after: World): void {
  const must = (holds: boolean, promise: string) => { if (!holds) throw new Broken(promise) }
  const { run: row, journal } = after.rows
  const ends = journal.filter((event) => event.type === 'stream_end')
  must(before.rows.journal.every((event, index) => journal[index] === event), 'a journal only grows')
  must(journal.every((event, index) => event.seq === index + 1), 'seqs go on without holes')
  must(ends.length <= 1 && (ends.length === 0 || journal.at(-1) === ends[0]), 'nothing is journaled behind the end')
  if (row === undefined) return
  foldOf(journal) // throws where the journal does not follow from itself, or the checksums of its end do not fit
  must(row.last_seq === journal.length, 'the row knows the length of its journal')
  must((row.outcome !== null) === (ends.length === 1), 'an outcome and the end of the journal are one')
  must(ends[0] === undefined || (ends[0].type === 'stream_end' && ends[0].outcome === row.outcome), 'row and journal tell of the same outcome')
  const first = before.rows.run?.outcome ?? null
  must(first === null || row.outcome === first, 'the first outcome is final')
  must(row.epoch >= (before.rows.run?.epoch ?? 0), 'epochs only grow')
  must(row.outcome !== 'cancelled' || after.stopPressed, 'nobody pressed Stop, and it is cancelled')
  must(row.outcome !== 'interrupted' || after.lossPossible, 'nothing was lost, and it is interrupted')
  must(row.settled === 0 || row.status === row.outcome, 'a settled run has its outcome for a status')
  for (const [index, { drive: driven }] of after.servers.entries()) {
    if (driven === null || driven.committed === before.servers[index]?.drive?.committed) continue // it was, and a journal only grows
    must(driven.committed.lastSeq <= journal.length, 'what is delivered is journaled')
    must(JSON.stringify(driven.committed) === JSON.stringify(foldOf(driven.committed.lastSeq === journal.length ? journal : journal.slice(0, driven.committed.lastSeq))), 'what is delivered is what is journaled')
  }
  for (const [index, { drive: driven }] of after.servers.entries()) {
    if (driven !== null && before.servers[index]?.drive === null && before.rows.run?.status === 'cancelling') must(driven.heardStop, 'a recorded Stop outlives the server that took it')
  }
  const holders = after.servers.filter(({ drive: driven }) => driven !== null && driven.epoch === row.epoch)
  must(holders.length <= 1, 'two servers drive the run at one epoch')
}

/**
 * The store works, agents return, leases are kept, and where no server is up one comes up: the outcome that this world comes to by itself. `known`: outcomes of worlds by their keys,
 * to which those on the way are added.
 */
export function allIsWell(world: World, known: Map<string, Outcome>): Outcome {
  let so = world
  const passed: string[] = []
  const comesTo = (outcome: Outcome) => {
    for (const key of passed) known.set(key, outcome)
    return outcome
  }
  const take = (choice: Choice | undefined) => {
    if (choice === undefined) return false
    const next = choice.take(so)
    mustHold(so, next)
    so = next
    return true
  }
  const wanted = ['starts: ok', 'finds out', 'takes over', 'writes: ok', 'records Stop', 'hears of Stop', "'s agent returns", 'settles: ok']
  for (let turn = 0; turn < 60; turn++) {
    const key = keyOf(so)
    const outcome = so.rows.run?.settled === 1 ? so.rows.run.outcome : known.get(key)
    if (outcome !== undefined && outcome !== null) return comesTo(outcome)
    passed.push(key)
    const open = choices(so)
    const patient = so.servers.some((server) => server.up) ? ['a lease runs out', 'keeps leases'] : ['boots']
    const next = [...wanted, ...patient].flatMap((name) => open.filter((choice) => choice.name.endsWith(name)))[0]
    if (!take(next)) break
  }
  throw new Broken(`it never settles: ${JSON.stringify({ row: so.rows.run, servers: so.servers.map((server) => ({ ...server, drive: server.drive?.state.kind })) })}`)
}

/** Equal for worlds that behave alike: instants do not count but for what is due, names of processes but for who holds the run, and the two servers may change places. */
export function keyOf(world: World): string {
  const { rows, servers, now, stopPressed, lossPossible } = world
  const row = rows.run
  const shared = row === undefined ? null : [row.status, row.outcome, row.settled, row.epoch, row.epoch_base, row.stop_by, row.lease_until > now]
  const told = rows.journal.map((event) => [event.type, 'text' in event ? event.text : 'outcome' in event ? event.outcome : 0])
  const [a, b] = servers.map((server) => JSON.stringify([
    server.up, row !== undefined && ownerOf(server) === row.owner, server.unsure, server.claimed, server.settling !== null, server.stopDue, server.drive === null ? null : driveKey(server.drive, now),
  ])) as [string, string]
  return `${JSON.stringify([shared, told, stopPressed, lossPossible])}${a < b ? a + b : b + a}`
}

function driveKey({ state, epoch, agent, aborted, grace, writing, gathered, committed, unheard, heardStop }: Drive, now: number): unknown[] {
  const { transcript, held, sentAt } = state.recording
  const told = (batch: Batch | null) => (batch === null ? null : [batch.end?.outcome ?? null, batch.events.map((event) => [event.seq, event.type, 'text' in event ? event.text : 0])])
  return [
    state.kind, epoch, agent, aborted, grace, told(writing), told(gathered), committed.lastSeq, unheard, heardStop, transcript.lastSeq, held.map(({ text }) => text), [...sentAt.values()].map((at) => now - at >= JOIN_MS),
    transcript.messages.map((message) => message.parts.map((part) => part.state)),
  ]
}
