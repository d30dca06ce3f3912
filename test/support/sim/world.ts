/**
 * The whole of Holdfast in virtual time: the server's core on a simulated machine, pages of two browsers over a simulated network, people who do as people
 * do, and faults as a plan says. `live` runs a plan, lets the weather clear and answers with all that was wrong; nothing is random but by the seed.
 */
import type { ThreadId } from '../../../src/shared/ids.ts'
import type { Message } from '../../../src/shared/protocol.ts'
import { createScriptedStorage } from '../../client/actions/page.ts'
import { createBrowserTabs } from '../browser-tabs.ts'
import { createManualClock } from '../manual-clock.ts'
import { createMoodyAgent } from './agent.ts'
import { createMachine } from './machine.ts'
import { createNetwork } from './network.ts'
import { openSimPage } from './page.ts'
import type { SimPage } from './page.ts'
import { createPeople } from './people.ts'
import { isDeed, PAGES } from './plans.ts'
import type { DeedStep, Plan, Step } from './plans.ts'
import { createRandom } from './random.ts'
import { createWatch } from './watch.ts'
import { createWeather, fairWeather } from './weather.ts'
import type { FaultKind } from './weather.ts'

const HEALED_WITHIN_MS = 600_000
/** Without any of these no run may end as interrupted. */
const losses: readonly FaultKind[] = ['server killed', 'server killed at a write', 'server frozen', 'server shut down', 'second server on the same store']
const HEAL_STEP_MS = 2_000

export interface Lived {
  readonly violations: readonly string[]
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly runs: number
  /** Of stores, on pages. */
  readonly commits: number
}

export async function live({ seed, climate, steps, stormMs }: Plan): Promise<Lived> {
  const random = createRandom(seed)
  const clock = createManualClock(undefined, settle)
  const weather = createWeather(random, climate)
  const network = createNetwork(clock, random, weather)
  const machine = createMachine({ clock, random, agent: createMoodyAgent(clock, random), weather, network })
  const watch = createWatch(machine.disk)
  const threads = ['thread-1', 'thread-2'] as ThreadId[]
  const people = createPeople(threads, watch)
  // The first two tabs are of one browser.
  const browsers = Array.from({ length: 2 }, () => ({ stored: createScriptedStorage(), tabs: createBrowserTabs() }))
  const tabs = Array.from({ length: PAGES }, (_, index) => ({ index, browser: browsers[index < 2 ? 0 : 1] as (typeof browsers)[number], session: new Map<string, string>(), opened: 0, page: null as SimPage | null }))
  type Tab = (typeof tabs)[number]
  const shown = () => tabs.flatMap(({ page }) => (page === null ? [] : [page]))
  const threadOf = (page: SimPage) => page.state().current ?? (threads[0] as ThreadId)
  let commits = 0

  function open(tab: Tab, thread: ThreadId): void {
    tab.opened += 1
    tab.page = openSimPage({
      name: `tab ${tab.index} (${tab.opened})`, network, clock, random, tabs: tab.browser.tabs, stored: tab.browser.stored, session: tab.session, thread,
      onCommit(page) {
        commits += 1
        const { current } = page.state()
        if (current !== null) watch.shown(page.name, current, page.state(), page.turns())
      },
    })
  }

  function close(tab: Tab): void {
    if (tab.page !== null) watch.left(tab.page.name)
    tab.page?.close()
    tab.page = null
  }

  function act(step: Step): void {
    if ('page' in step) return onTab(step, tabs[step.page] as Tab)
    switch (step.do) {
      case 'kill':
        return machine.kill(step.ms)
      case 'shut down':
        return machine.shutDown(step.ms)
      case 'freeze':
        return machine.freeze(step.ms)
      case 'rival':
        return machine.rival(step.ms)
      case 'outage':
        return machine.outage(step.ms / 2)
      case 'fail a write':
        return machine.failNext(step.write, step.how)
      default:
        return step satisfies never
    }
  }

  function onTab(step: Extract<Step, { readonly page: number }>, tab: Tab): void {
    const { page } = tab
    if (page === null) return step.do === 'open' ? openAnew(tab, step.pick) : undefined
    if (isDeed(step)) return people.act(step.do, page, step.pick)
    return strike(step, tab, page)
  }

  function strike(step: Exclude<Extract<Step, { readonly page: number }>, DeedStep>, tab: Tab, page: SimPage): void {
    switch (step.do) {
      case 'reload': {
        weather.count('tab reloaded')
        const thread = threadOf(page)
        close(tab)
        return open(tab, thread)
      }
      case 'close':
        weather.count('tab closed')
        return close(tab)
      case 'hide':
        weather.count('tab hidden')
        return page.pause('hidden')
      case 'go offline':
        weather.count('browser offline')
        return page.pause('offline')
      case 'stir':
        weather.count('page stirred')
        return page.stir()
      case 'cut':
        return network.cut(page.name, step.how, step.bytes)
      case 'swallow':
        return network.swallow(page.name, step.ms)
      case 'spoil':
        return network.spoil(page.name, step.fault)
      default:
        return step satisfies never
    }
  }

  function openAnew(tab: Tab, pick: number): void {
    tab.session.clear()
    open(tab, threads[pick % threads.length] as ThreadId)
  }

  const isQuiet = (page: SimPage) => {
    const thread = threadOf(page)
    const content = page.state().content[thread]
    return page.state().server.kind === 'online' && content?.status === 'ready' && content.live === null && content.settling.length === 0 && content.outgoing.length === 0 && (page.state().threads.byId[thread]?.queue.messages.length ?? 0) === 0
  }
  const runsAreSettled = async () => {
    for (const run of watch.runs()) if ((await machine.disk.getRun(run))?.settled !== true) return false
    return (await Promise.all(threads.map((thread) => machine.disk.getThread(thread)))).every((thread) => (thread?.queue.messages.length ?? 0) === 0)
  }

  /** The weather stays as it is; people do what helps, as far as it does. */
  async function sitOut(ms: number): Promise<void> {
    for (let waited = 0; waited < ms && !(shown().every(isQuiet) && await runsAreSettled()); waited += HEAL_STEP_MS) {
      for (const page of shown()) people.helpOut(page)
      await clock.advance(HEAL_STEP_MS)
    }
  }

  /** The weather clears; people answer what is asked, let queues go on and, after a while, stop what hangs. */
  async function heal(): Promise<boolean> {
    weather.change(fairWeather)
    network.clear()
    machine.clear()
    for (const tab of tabs) if (tab.page === null) openAnew(tab, tab.index)
    for (let waited = 0; waited < HEALED_WITHIN_MS; waited += HEAL_STEP_MS) {
      for (const page of shown()) {
        people.helpOut(page)
        if (waited > 10_000) page.actions.stop(threadOf(page))
        // A thread that is in nobody's view is looked after, too.
        if (isQuiet(page) && waited % (5 * HEAL_STEP_MS) === 0 && !(await runsAreSettled())) page.actions.openThread(threads[(threads.indexOf(threadOf(page)) + 1) % threads.length] as ThreadId)
      }
      await clock.advance(HEAL_STEP_MS)
      if (shown().every(isQuiet) && await runsAreSettled()) return true
    }
    return false
  }

  /** Message by message backwards from the newest run: the branch that a page shows where nobody chose another. */
  function newestBranch(messages: readonly Message[], runs: readonly { readonly id: string; readonly message: string; readonly startedAt: number }[]): string[] {
    const branch: string[] = []
    let run = runs.reduce<(typeof runs)[number] | undefined>((newest, one) => (newest === undefined || one.startedAt >= newest.startedAt ? one : newest), undefined)
    while (run !== undefined) {
      const asked = run.message
      branch.unshift(asked)
      const after = messages.find((message) => message.id === asked)?.after ?? null
      const behind = after === null ? undefined : messages.find((message) => message.id === after)
      const asksItself = runs.filter((one) => one.message === after)
      run = asksItself.length > 0 ? asksItself.at(-1) : runs.find((one) => one.id === behind?.run)
    }
    return branch
  }

  async function lookAtTheEnd(): Promise<string[]> {
    const found: string[] = []
    const saved = new Map<ThreadId, readonly Message[]>()
    for (const thread of threads) saved.set(thread, (await machine.disk.messages(thread, { limit: 100_000 }))?.messages ?? [])
    for (const page of shown()) {
      const thread = threadOf(page)
      watch.settled(page.name, page.turns())
      const runs = ((await machine.disk.listRuns(thread, { limit: 1_000 }))?.runs ?? []).toReversed()
      const branch = newestBranch(saved.get(thread) ?? [], runs)
      const turns = page.turns().map((turn) => turn.key)
      if ((page.state().content[thread]?.branch ?? null) === null && branch.join() !== turns.join()) found.push(`${page.name} shows the turns ${turns.join()} of ${thread}, whose newest branch is ${branch.join()}`)
    }
    const kept = browsers.flatMap(({ stored }) => [...stored.drafts.values(), ...[...stored.outbox.values()].map((one) => one.outgoing.text)])
    for (const { token, thread, removed } of people.said) {
      const count = (saved.get(thread) ?? []).filter((message) => message.role === 'user' && message.parts.some((part) => part.kind === 'text' && part.text.includes(token))).length
      if (count > 1) found.push(`${token} became ${count} messages`)
      if (count === 0 && !removed && !kept.some((text) => text.includes(token))) found.push(`${token} is lost`)
    }
    if (!losses.some((kind) => weather.counts.has(kind))) {
      for (const run of watch.runs()) if ((await machine.disk.getRun(run))?.outcome === 'interrupted') found.push(`run ${run} is interrupted, although no server was lost or stood still`)
    }
    for (const tab of tabs) close(tab)
    await clock.advance(20_000)
    if (network.open() !== 0) found.push(`${network.open()} connections are open after the last tab has gone`)
    return found
  }

  for (const id of threads) await machine.disk.createThread({ id })
  machine.start()
  await clock.advance(10)
  for (const [index, tab] of tabs.entries()) open(tab, threads[index % threads.length] as ThreadId)
  for (const step of steps) {
    act(step)
    await clock.advance(step.waitMs)
  }
  await sitOut(stormMs)
  const healed = await heal()
  await watch.judge()
  const atTheEnd = healed ? await lookAtTheEnd() : [stuck()]
  const violations = [...watch.violations(), ...atTheEnd]
  for (const tab of tabs) close(tab)
  machine.switchOff()
  return { violations, faults: weather.counts, runs: watch.runs().length, commits }

  function stuck(): string {
    const views = shown().map((page) => {
      const thread = threadOf(page)
      const content = page.state().content[thread]
      return {
        page: page.name, thread, status: content?.status, error: content?.error, live: content?.live?.connection, run: content?.live?.token.run, settling: content?.settling.map((one) => [one.token.run, one.connection]), outgoing: content?.outgoing,
        queue: page.state().threads.byId[thread]?.queue, server: page.state().server,
      }
    })
    return `not healed after ${HEALED_WITHIN_MS / 1_000} s: ${JSON.stringify(views)}`
  }
}

/** Turns of the event loop between two timers: enough for what streams and requests do at once, and what is not done then is done a little later. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
