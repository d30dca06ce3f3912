/**
 * A server machine: one store that lasts, and processes on it that may be killed at any instant, stand still, or be two at once. What a killed process was
 * waiting for never comes, so that not a line of it runs any more; what it had asked of the store has happened, or has not.
 */
import { createAgentRegistry } from '../../../src/server/agents/agents.ts'
import type { Agent, AgentEvent } from '../../../src/server/agents/agent.ts'
import { createApp } from '../../../src/server/app.ts'
import type { App } from '../../../src/server/app.ts'
import { createFiles } from '../../../src/server/files/files.ts'
import type { Clock } from '../../../src/server/clock.ts'
import { silentLog } from '../../../src/server/log.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { StorageError } from '../../../src/server/storage/storage.ts'
import type { Change, Storage } from '../../../src/server/storage/storage.ts'
import type { ManualClock } from '../manual-clock.ts'
import type { Answer, Network } from './network.ts'
import type { Weather } from './weather.ts'

export const writes = [
  'start', 'startQueued', 'append', 'end', 'settle', 'requestStop', 'answerApproval', 'renew', 'claim',
  'patchQueued', 'removeQueued', 'sendQueuedNow', 'steerQueued', 'resumeQueue', 'patchThread',
] as const
export type Write = (typeof writes)[number]

export interface Machine {
  /** The store itself, as nobody's process sees it. */
  readonly disk: Storage
  /** Starts the first process. A process that ends is started again, as any service is. */
  start(): void
  /** SIGKILL; the next process starts after `downMs`. */
  kill(downMs: number): void
  /** SIGTERM: `bye`, drain, gone, and the next one after `downMs`. */
  shutDown(downMs: number): void
  /** SIGSTOP: it stands still for so long, while time goes on. */
  freeze(ms: number): void
  /** Another process takes over while this one lives on for `ms` with the connections it has. */
  rival(ms: number): void
  serving(): boolean
  /** The next write of this kind fails; `landed`: it goes through and reports failure all the same. */
  failNext(write: Write, how: 'lost' | 'landed'): void
  /** Writes fail for so long. */
  outage(ms: number): void
  /** The weather is fair again, and so is all that was to come. */
  clear(): void
  /** No process is left, and none will start. */
  switchOff(): void
}

export interface MachineOptions {
  readonly clock: ManualClock
  readonly random: () => number
  readonly agent: Agent
  readonly weather: Weather
  readonly network: Pick<Network, 'serve' | 'reset'>
}

/** One process. */
interface Life {
  alive: boolean
  /** Frozen until then. */
  thawAt: number
  app: App | null
  readonly answer: Answer
}

const RESTART_MS = 500

export function createMachine({ clock, random, agent, weather, network }: MachineOptions): Machine {
  const disk = createMemoryStorage({ now: clock.now })
  let wanted: { readonly write: Write; readonly how: 'lost' | 'landed' }[] = []
  let brokenUntil = 0
  let current: Life | null = null
  let serving = false
  let on = false
  const zombies = new Set<Life>()
  const wait = (ms: number) => new Promise<void>((resolve) => { clock.after(ms, resolve) })
  const full = () => new StorageError('The disk is full (simulated)', { retryable: true })

  function end(life: Life, downMs: number): void {
    life.alive = false
    zombies.delete(life)
    network.reset(life.answer)
    if (life !== current) return
    current = null
    serving = false
    network.serve(null)
    clock.after(downMs, start)
  }

  function start(): void {
    if (!on || current !== null) return
    const life: Life = { alive: true, thawAt: 0, app: null, answer: (request) => whileAlive(life, async () => (life.app as App).fetch(request)) }
    current = life
    boot(life)
  }

  function boot(life: Life): void {
    const processClock: Clock = { now: clock.now, after: (ms, wake) => clock.after(ms, () => whenAwake(life, wake)) }
    const storage = mount(life)
    // Nobody attaches files here. A look at the disk would take real time, and a world would not be the same twice.
    const sixteen = () => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))
    const files = { ...createFiles({ folder: '/nowhere', storage, randomBytes: sixteen, clock: processClock, log: silentLog }), sweep: async () => 0 }
    const app = createApp({
      storage, files, agents: createAgentRegistry([mortal(agent, life)], agent.describe().id), agentSettings: null, clock: processClock, log: silentLog,
      randomBytes: sixteen, allowedHosts: [], clientDir: null,
    })
    life.app = app
    app.recover().then(
      () => {
        if (current !== life) return
        serving = true
        network.serve(life.answer)
      },
      () => { if (life.alive) end(life, RESTART_MS) },
    )
  }

  function whenAwake(life: Life, act: () => void): void {
    if (!life.alive) return
    if (life.thawAt <= clock.now()) act()
    else clock.after(life.thawAt - clock.now(), () => whenAwake(life, act))
  }

  async function whileAlive<T>(life: Life, act: () => Promise<T>): Promise<T> {
    const awake = async () => {
      while (life.alive && life.thawAt > clock.now()) await wait(life.thawAt - clock.now())
      if (!life.alive) await never()
    }
    await awake()
    try {
      const value = await act()
      await awake()
      return value
    } catch (error) {
      await awake()
      throw error
    }
  }

  async function write<T>(life: Life, name: Write, act: () => Promise<T>): Promise<T> {
    if (weather.strikes('slow')) {
      weather.count('write slow')
      await wait(random() * random() * 2_000)
    }
    if (brokenUntil > clock.now()) throw full()
    const dies = weather.strikes('crash')
    if (dies) weather.count('server killed at a write')
    if (dies && random() < 0.4) return die(life)
    const fault = faultOf(name)
    if (fault === 'lost') throw full()
    if (!life.alive) return never()
    const value = await act()
    if (dies) return die(life)
    if (fault === 'landed') throw full()
    return value
  }

  function die(life: Life): Promise<never> {
    end(life, random() < 0.9 ? random() * 1_000 : random() * 20_000)
    return never()
  }

  function faultOf(name: Write): 'lost' | 'landed' | null {
    const at = wanted.findIndex((fault) => fault.write === name)
    const how = at >= 0 ? (wanted.splice(at, 1)[0]?.how ?? null) : weather.strikes('write') ? (random() < 0.5 ? 'lost' : 'landed') : null
    if (how !== null) weather.count(how === 'lost' ? 'write failed' : 'write landed but reported failure')
    return how
  }

  async function read<T>(act: () => Promise<T>): Promise<T> {
    if (!weather.strikes('read')) return act()
    weather.count('read failed')
    throw new StorageError('The store does not answer (simulated)', { retryable: true })
  }

  /** The store as one process sees it. */
  function mount(life: Life): Storage {
    const guarded: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(disk)) {
      if (typeof value !== 'function' || name === 'follow') continue
      const act = value as (...args: unknown[]) => Promise<unknown>
      const isWrite = (writes as readonly string[]).includes(name)
      guarded[name] = (...args: unknown[]) => whileAlive(life, () => (isWrite ? write(life, name as Write, () => act(...args)) : read(() => act(...args))))
    }
    return { ...(guarded as unknown as Storage), incarnation: disk.incarnation, follow: (listener) => follow(life, listener) }
  }

  /** What was committed while a process stood still it hears when it goes on, in order. */
  function follow(life: Life, listener: (change: Change) => void): () => void {
    const missed: Change[] = []
    const catchUp = () => { for (let change = missed.shift(); change !== undefined; change = missed.shift()) listener(change) }
    const stop = disk.follow((change) => {
      if (!life.alive) return
      if (life.thawAt <= clock.now() && missed.length === 0) return listener(change)
      if (missed.push(change) === 1) whenAwake(life, catchUp)
    })
    return stop
  }

  /** An agent that lives in the process. */
  function mortal(real: Agent, life: Life): Agent {
    return {
      ...real,
      run(input, context) {
        const events = real.run(input, context)[Symbol.asyncIterator]()
        const iterator: AsyncIterator<AgentEvent> = {
          next: () => whileAlive(life, () => events.next()),
          return: (value: unknown) => whileAlive(life, async () => (await events.return?.(value)) ?? { done: true as const, value: undefined }),
        }
        return { [Symbol.asyncIterator]: () => iterator }
      },
    }
  }

  return {
    disk,
    start() {
      on = true
      start()
    },
    kill(downMs) {
      if (current === null) return
      weather.count('server killed')
      end(current, downMs)
    },
    shutDown(downMs) {
      const leaving = current
      if (leaving === null || leaving.app === null) return
      weather.count('server shut down')
      void leaving.app.drain().then(() => { if (leaving.alive) end(leaving, downMs) })
    },
    freeze(ms) {
      if (current === null) return
      weather.count('server frozen')
      current.thawAt = Math.max(current.thawAt, clock.now() + ms)
    },
    rival(ms) {
      const old = current
      if (old === null || !serving) return
      weather.count('second server on the same store')
      zombies.add(old)
      clock.after(ms, () => { if (old.alive) end(old, 0) })
      current = null
      start()
    },
    serving: () => serving,
    failNext: (name, how) => void wanted.push({ write: name, how }),
    outage(ms) {
      weather.count('disk full for a while')
      brokenUntil = clock.now() + ms
    },
    clear() {
      wanted = []
      brokenUntil = 0
      if (current !== null) current.thawAt = 0
    },
    switchOff() {
      on = false
      for (const life of [...zombies, ...(current === null ? [] : [current])]) end(life, 0)
    },
  }
}

/** What a dead process waits for. */
const never = () => new Promise<never>(() => undefined)
