/**
 * A thread and those who follow its runs: the run machine of each follower (with the promises of step-model.ts), a server that answers as a server does, and a
 * person who sends, stops and looks away. For exploring what one machine alone cannot show: two runs in one tab, one run in two tabs.
 */
import { connectionOf, currentAttempt, isFinal, wakeAt } from '../../../src/client/run/state.ts'
import type { CheckResult, RunMachineEvent } from '../../../src/client/run/state.ts'
import { begin, step } from '../../../src/client/run/step.ts'
import { recordRun } from '../../support/recorded-run.ts'
import { keyOf as keyOfMachine, live } from './step-model.ts'
import type { Machine, World as MachineWorld } from './step-model.ts'

/** `running` until its `stream_end` is journaled, `ended` until its messages are saved. */
type Phase = 'running' | 'ended' | 'settled'

interface ServedRun {
  readonly phase: Phase
  readonly stopped: boolean
}

/** One controller: a run as one tab follows it. */
interface Follower {
  readonly tab: number
  readonly run: number
  readonly machine: MachineWorld
}

export interface ThreadWorld {
  readonly now: number
  /** Oldest first. Only the newest may be running. */
  readonly runs: readonly ServedRun[]
  readonly followers: readonly Follower[]
  /** Tabs that are hidden. */
  readonly hidden: readonly boolean[]
}

export interface Choice {
  readonly name: string
  /** The world after it, or the promise that was broken. */
  readonly take: (world: ThreadWorld) => ThreadWorld | string
}

const recorded = recordRun()
const at = (now: number) => ({ now, random: 0.5 })

function follow(tab: number, run: number, hidden: boolean, now: number): Follower {
  const [state, effects] = begin(hidden ? ['hidden'] : [], at(now))
  return { tab, run, machine: { state, now, open: effects[0]?.type === 'connect' ? effects[0].attempt : null, checks: 0, finals: 0, stopsUnderWay: 0 } }
}

/** A run that has just begun, followed by so many tabs. */
export function threadWorld(tabs: number): ThreadWorld {
  const hidden = Array.from({ length: tabs }, () => false)
  return { now: 0, runs: [{ phase: 'running', stopped: false }], hidden, followers: hidden.map((_, tab) => follow(tab, 0, false, 0)) }
}

type Said = RunMachineEvent extends infer E ? (E extends unknown ? Omit<E, 'now' | 'random'> : never) : never

/** Tells one follower. */
function tell(world: ThreadWorld, index: number, said: Said, machine: Machine, now = world.now): ThreadWorld | string {
  const follower = world.followers[index] as Follower
  const after = live({ ...follower.machine, now }, { ...said, ...at(now) } as RunMachineEvent, machine)
  return typeof after === 'string' ? after : { ...world, now, followers: world.followers.with(index, { ...follower, machine: after }) }
}

/** Tells every follower of which this holds. */
function tellAll(world: ThreadWorld, whom: (follower: Follower) => boolean, said: Said, machine: Machine): ThreadWorld | string {
  let so: ThreadWorld | string = world
  for (const [index, follower] of world.followers.entries()) if (typeof so !== 'string' && whom(follower)) so = tell(so, index, said, machine)
  return so
}

const setRun = (world: ThreadWorld, index: number, change: Partial<ServedRun>): ThreadWorld => ({ ...world, runs: world.runs.with(index, { ...(world.runs[index] as ServedRun), ...change }) })

/** What the server's record says of a run now. */
function record(phase: Phase): CheckResult {
  return phase === 'settled' ? { kind: 'restored', run: recorded.row(), messages: recorded.messages() } : { kind: 'active' }
}

/** Everything that could come next. `runsAtMost`: so many the person starts. */
export function choices(world: ThreadWorld, runsAtMost: number, machine: Machine = step): Choice[] {
  const found: Choice[] = []
  const may = (name: string, take: Choice['take']) => void found.push({ name, take })
  for (const [index, { tab, run, machine: { state, stopsUnderWay } }] of world.followers.entries()) {
    if (isFinal(state)) continue
    const who = `run ${run + 1} in tab ${tab + 1}`
    const hears = (said: Said) => may(`${who}: ${said.type}${said.type === 'checked' ? ` ${said.result.kind}` : ''}`, (so) => tell(so, index, said, machine))
    const { phase } = world.runs[run] as ServedRun
    const attempt = currentAttempt(state)
    if (attempt !== null) {
      if (state.kind === 'connecting') hears(phase === 'running' ? { type: 'opened', attempt } : { type: 'exhausted', attempt })
      if (state.kind === 'streaming') {
        hears({ type: 'progressed', attempt, snapshot: false, news: true })
        hears({ type: 'gap', attempt, reason: 'hole' })
        if (phase !== 'running') hears({ type: 'ended', attempt })
      }
      hears({ type: 'lost', attempt, reason: 'cut' })
    }
    // News of a connection that was given up, on its way all the same.
    const attempts = 'memory' in state ? state.memory.attempts : 0
    if (attempts > 1 || attempt === null) for (const type of ['ended', 'exhausted'] as const) hears({ type, attempt: attempt === null ? attempts : attempts - 1 })
    const due = wakeAt(state)
    if (due !== null && state.kind !== 'streaming' && state.kind !== 'connecting') may(`${who}: woke`, (so) => tell(so, index, { type: 'woke' }, machine, Math.max(so.now, due)))
    if (state.kind === 'settling' && state.checkAt === null) {
      for (const result of [record(phase), { kind: 'error', message: 'down' }, { kind: 'missing' }] as const) hears({ type: 'checked', check: state.check, result })
    }
    if (phase === 'running') hears({ type: 'stop-requested' })
    if (stopsUnderWay > 0) {
      may(`${who}: Stop arrives`, (so) => tell(setRun(so, run, { stopped: true }), index, { type: 'stop-answered', accepted: true }, machine))
      hears({ type: 'stop-answered', accepted: false })
    }
  }
  for (const [tab, hidden] of world.hidden.entries()) {
    may(`tab ${tab + 1} is ${hidden ? 'shown' : 'hidden'}`, (so) => tellAll({ ...so, hidden: so.hidden.with(tab, !hidden) }, (follower) => follower.tab === tab, { type: hidden ? 'resumed' : 'paused', reason: 'hidden' }, machine))
    may(`tab ${tab + 1} stirs`, (so) => tellAll(so, (follower) => follower.tab === tab, { type: 'stirred' }, machine))
  }
  for (const [run, { phase }] of world.runs.entries()) {
    if (phase === 'running') may(`run ${run + 1} ends`, (so) => setRun(so, run, { phase: 'ended' }))
    if (phase === 'ended') may(`run ${run + 1} is saved`, (so) => tellAll(setRun(so, run, { phase: 'settled' }), (follower) => follower.run === run, { type: 'hinted' }, machine))
  }
  const newest = world.runs.length - 1
  if (world.runs[newest]?.phase !== 'running' && world.runs.length < runsAtMost) may('a message is sent', (so) => send(so, machine))
  return found
}

/** The next run of the thread: each tab follows it, and tells those that follow an older one. */
function send(world: ThreadWorld, machine: Machine): ThreadWorld | string {
  const displaced = tellAll(world, ({ machine: { state } }) => !isFinal(state), { type: 'displaced' }, machine)
  if (typeof displaced === 'string') return displaced
  const run = world.runs.length
  return { ...displaced, runs: [...displaced.runs, { phase: 'running', stopped: false }], followers: [...displaced.followers, ...displaced.hidden.map((hidden, tab) => follow(tab, run, hidden, displaced.now))] }
}

/** What must hold over every step; null: it does. */
export function brokenBy(before: ThreadWorld, after: ThreadWorld): string | null {
  for (const tab of after.hidden.keys()) {
    const open = after.followers.filter((follower) => follower.tab === tab && follower.machine.open !== null)
    if (open.length > 1) return `tab ${tab + 1} has ${open.length} connections for one thread`
    if (open.some(({ run }) => run < after.runs.length - 1)) return `tab ${tab + 1} streams a run that another has followed`
    if (after.hidden[tab] === true && open.length > 0) return `tab ${tab + 1} is hidden and streams`
  }
  for (const [index, { run, machine: { state } }] of after.followers.entries()) {
    const { phase } = after.runs[run] as ServedRun
    if (state.kind === 'settled' && phase !== 'settled') return `run ${run + 1} was taken for saved while it is ${phase}`
    if (state.kind === 'superseded' || state.kind === 'failed') return `run ${run + 1} is given up (${state.kind}) although the server knows it`
    // A run that goes on is left only for another, or for the word of the stream.
    const was = before.followers[index]?.machine.state
    if (phase === 'running' && state.kind === 'settling') return `run ${run + 1} is taken for ended while it is running`
    if (was !== undefined && isFinal(was) && was !== state) return `run ${run + 1} changed after its end`
    if (!isFinal(state) && connectionOf(state) === null) return 'the page is told nothing'
  }
  return null
}

const helpful = ['is shown', ' ends', 'is saved', ': opened', ': exhausted', ': ended', 'checked restored', ': woke']

/**
 * People come back, the network works: every follower settles from here. The promise that was broken, or null. `known`: keys of worlds of which that is known,
 * to which those on the way are added.
 */
export function comesToRest(world: ThreadWorld, known: Set<string>, machine: Machine = step): string | null {
  const passed: string[] = []
  let so = world
  for (let turn = 0; turn < 80; turn++) {
    const key = keyOf(so)
    if (known.has(key) || so.followers.every(({ machine: { state } }) => state.kind === 'settled')) {
      for (const one of passed) known.add(one)
      return null
    }
    passed.push(key)
    const next = goOn(so, key, machine)
    if (next === null) return `nothing more happens: ${JSON.stringify(so.followers.map(({ run, machine: { state } }) => [run, state.kind]))}`
    if (typeof next === 'string') return next
    so = next
  }
  return `it never comes to rest: ${JSON.stringify(so.followers.map(({ run, machine: { state } }) => [run, state.kind]))}`
}

/** The first of what helps that changes anything: news of an old attempt does not. */
function goOn(world: ThreadWorld, key: string, machine: Machine): ThreadWorld | string | null {
  const open = choices(world, 0, machine)
  for (const name of helpful) {
    for (const choice of open) {
      if (!choice.name.endsWith(name)) continue
      const after = choice.take(world)
      if (typeof after === 'string' || keyOf(after) !== key) return after
    }
  }
  return null
}

/** Equal for worlds that behave alike: two tabs may change places. */
export function keyOf({ runs, followers, hidden, now }: ThreadWorld): string {
  const tabs = hidden.map((away, tab) => JSON.stringify([away, followers.flatMap((follower) => (follower.tab === tab ? [follower.run, keyOfMachine({ ...follower.machine, now })] : []))]))
  return JSON.stringify(runs) + tabs.toSorted().join('')
}
