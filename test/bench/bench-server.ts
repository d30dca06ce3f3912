/**
 * The server with a synthetic agent, in a process of its own, so that its processor time and heap are its own. Started by `bench-process.ts`.
 * Over IPC it says `{ url }` once it listens, then answers the questions of plan.ts.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createAdaptorServer } from '@hono/node-server'
import type { AgentContext, AgentEvent, AgentInput } from '../../src/server/agents/agent.ts'
import { createAgentRegistry } from '../../src/server/agents/agents.ts'
import { createApp } from '../../src/server/app.ts'
import { systemClock } from '../../src/server/clock.ts'
import { createFiles } from '../../src/server/files/files.ts'
import { silentLog } from '../../src/server/log.ts'
import { pouring } from '../../src/server/sse/pour.ts'
import { createSqliteStorage } from '../../src/server/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { nowUs, stampedToken } from './plan.ts'
import { mixed } from './render/texts.ts'
import type { Answers, EventTimes, Plan, Questions } from './plan.ts'

const LOOP_RESOLUTION_MS = 1
/** Just over the time for which deltas of one part are joined. */
const PAST_JOINING_MS = 34

const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const file = join(dataDir, 'holdfast.db')
const gates = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>()
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
const startedAtMs = Date.now() - nowUs() / 1000
let skewMs = 0
let recording = false
let times = new Map<string, EventTimes>()

// One base for `at` and for the stamps, so that they can be compared.
const clock = { now: () => Math.floor(startedAtMs + nowUs() / 1000 + skewMs), after: systemClock.after }

function gate(name: string) {
  let found = gates.get(name)
  if (found === undefined) {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    gates.set(name, (found = { opened, open }))
  }
  return found
}

async function* answer(input: AgentInput, { signal }: AgentContext): AsyncIterable<AgentEvent> {
  const part = input.messages.at(-1)?.parts[0]
  const plan = JSON.parse(part?.kind === 'text' ? part.text : '') as Plan
  const until = (atUs: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, (atUs - nowUs()) / 1000)))
  const over = gate(plan.gate).opened
  yield { type: 'part.started', part: 'answer', kind: 'text' }
  switch (plan.kind) {
    case 'paced':
    case 'plain': {
      await over
      const text = plan.kind === 'plain' ? 'token '.repeat(Math.ceil(plan.chars / 6)).slice(0, plan.chars) : ''
      const begin = nowUs() + (plan.kind === 'paced' ? plan.delayMs * 1000 : 0)
      for (let i = 0; i < plan.tokens && !signal.aborted; i++) {
        await until(begin + i * plan.everyMs * 1000)
        yield { type: 'part.delta', part: 'answer', text: plan.kind === 'paced' ? stampedToken() : text }
      }
      return
    }
    case 'flood': {
      const text = plan.markdown === true ? mixed(plan.deltas * plan.chars) : null
      for (let i = 0; i < plan.deltas && !signal.aborted; i++) {
        if (!plan.joined) skewMs += PAST_JOINING_MS
        yield { type: 'part.delta', part: 'answer', text: text?.slice(i * plan.chars, (i + 1) * plan.chars) ?? String(i).padStart(plan.chars, '.') }
      }
      break
    }
    case 'tools':
      for (let i = 0; i < plan.calls && !signal.aborted; i++) {
        yield { type: 'part.started', part: `t${i}`, kind: 'tool', name: 'look', call: `c${i}` }
        yield { type: 'part.delta', part: `t${i}`, field: 'input', text: '{"n":1}' }
        yield { type: 'part.ended', part: `t${i}`, state: 'done', output: 'ok' }
      }
      break
    case 'whole':
      await over
      if (plan.as === 'text') yield { type: 'part.delta', part: 'answer', text: mixed(plan.chars) }
      else {
        yield { type: 'part.started', part: 'whole', kind: 'tool', name: 'read', call: 'whole' }
        yield { type: 'part.ended', part: 'whole', state: 'done', input: '{}', output: mixed(plan.chars) }
        yield { type: 'part.delta', part: 'answer', text: 'read' }
      }
      return
    case 'ticks': {
      let ticking = true
      void over.then(() => { ticking = false })
      while (ticking && !signal.aborted) {
        yield { type: 'notice', level: 'info', text: stampedToken() }
        await until(nowUs() + plan.everyMs * 1000)
      }
      yield { type: 'part.delta', part: 'answer', text: 'ticked' }
      return
    }
    default:
      plan satisfies never
  }
  await over
}

/** Notes when each event was made and when it was durable, while it is told to. */
function watched(storage: Storage): Storage {
  storage.follow((change) => {
    if (!recording || change.kind !== 'events') return
    const atUs = nowUs()
    const known = times.get(change.run)
    for (const event of change.events) {
      const index = known?.seq.lastIndexOf(event.seq) ?? -1
      if (known !== undefined && index >= 0) known.durable[index] = atUs
    }
  })
  const note = (run: string, events: readonly { readonly seq: number; readonly at: number }[]) => {
    if (!recording) return
    const calledUs = nowUs()
    const known = times.get(run) ?? { seq: [], produced: [], durable: [] }
    times.set(run, known)
    for (const event of events) {
      // An event is handed over as it is made, unless it waited for the commit before: then its own instant, to the ms, says when.
      const madeUs = (event.at - startedAtMs - skewMs) * 1000
      known.seq.push(event.seq)
      known.produced.push(calledUs - madeUs < 1000 ? calledUs : madeUs)
      known.durable.push(0)
    }
  }
  return {
    ...storage,
    append(input) {
      note(input.run, input.events)
      return storage.append(input)
    },
  }
}

const answers: { readonly [K in keyof Questions]: (question: Questions[K]) => Answers[K] } = {
  open({ gate: name }) {
    gate(name).open()
    return null
  },
  cpuUs() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  heapBytes() {
    if (globalThis.gc === undefined) throw new Error('The bench server needs --expose-gc')
    globalThis.gc()
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
  record({ on }) {
    recording = on
    times = new Map()
    return null
  },
  times: () => Object.fromEntries(times),
  watchLoop() {
    loop.enable()
    loop.reset()
    return null
  },
  loopDelay() {
    loop.disable()
    const late = (ns: number) => Math.max(0, ns / 1e6 - LOOP_RESOLUTION_MS)
    return { p50Ms: late(loop.percentile(50)), p99Ms: late(loop.percentile(99)), maxMs: late(loop.max) }
  },
  file: () => file,
}

const agent = {
  describe: () => ({ id: 'bench', title: 'Bench', models: [], can: { steer: false, approvals: false, resume: false, files: false }, ready: true }),
  run: answer,
}
const storage = watched(await createSqliteStorage({ file, log: silentLog }))
const app = createApp({
  storage, files: createFiles({ folder: join(dataDir, 'files'), storage, randomBytes: () => randomBytes(16), clock, log: silentLog }), agents: createAgentRegistry([agent], 'bench'), agentSettings: null, clock, log: silentLog, randomBytes: () => randomBytes(16), allowedHosts: [], clientDir: process.env['CLIENT_DIR'] ?? null,
})
await app.recover()
const server = createAdaptorServer({ fetch: pouring(app.fetch) }) as Server
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))

process.on('message', ({ id, name, question }: { id: number; name: keyof Questions; question: never }) => {
  process.send?.({ id, answer: answers[name](question) })
})
process.on('disconnect', () => {
  rmSync(dataDir, { recursive: true, force: true })
  process.exit(0)
})
