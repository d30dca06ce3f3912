/** The table of transitions in SPEC.md, line by line, and what the page is told on the way. */
import { beforeEach, describe, expect, test } from 'vitest'
import { connectionOf, currentAttempt, isFinal, wakeAt } from '../../../src/client/run/state.ts'
import type { AttemptEvent, CheckResult, OutsideEvent, RunState, Step } from '../../../src/client/run/state.ts'
import { CHECK_MS, begin, step } from '../../../src/client/run/step.ts'
import { recordRun } from '../../support/recorded-run.ts'

const recorded = recordRun()
const saved: CheckResult = { kind: 'restored', run: recorded.row(), messages: recorded.messages() }

const when = (now: number, random = 0.5) => ({ now, random })
/** The current attempt tells something. */
const hear = (state: RunState, event: AttemptEvent, now = 0, random = 0.5): Step => step(state, { ...event, attempt: currentAttempt(state) ?? 0, ...when(now, random) })
/** Page, person or clock tell something. */
const tell = (state: RunState, event: OutsideEvent, now = 0, random = 0.5): Step => step(state, { ...event, ...when(now, random) })
/** The check that is under way has its answer. */
const answer = (state: RunState, result: CheckResult, now = 0, random = 0.5): Step => step(state, { type: 'checked', result, check: state.kind === 'settling' ? state.check : 0, ...when(now, random) })
const memoryOf = (state: RunState) => {
  if (!('memory' in state)) throw new Error(`${state.kind} has no memory`)
  return state.memory
}

/** A run in each state, as it gets there. */
const the = {
  get connecting() { return begin([], when(0))[0] },
  get streaming() { return hear(the.connecting, { type: 'opened' }, 1_000)[0] },
  get waiting() { return hear(the.streaming, { type: 'lost', reason: 'cut' }, 2_000)[0] },
  get paused() { return tell(the.streaming, { type: 'paused', reason: 'hidden' }, 2_000)[0] },
  get settling() { return hear(the.streaming, { type: 'ended' }, 3_000)[0] },
  get checking() { return tell(the.settling, { type: 'woke' }, 3_180)[0] },
  get loggedOut() { return hear(the.streaming, { type: 'unauthorized', message: 'Log in.' }, 2_000)[0] },
  get settled() { return answer(the.checking, saved, 3_500)[0] },
  get superseded() { return answer(the.checking, { kind: 'stale' }, 3_500)[0] },
  get refused() { return hear(the.streaming, { type: 'refused', message: 'This run is not yours.' }, 2_000)[0] },
}
const unfinished = ['connecting', 'streaming', 'waiting', 'paused', 'settling', 'checking', 'loggedOut'] as const

describe('beginning', () => {
  test('connects at once, at our cursor, and gives it 25 s', () => {
    expect(begin([], when(500))).toEqual([
      { kind: 'connecting', attempt: 1, deadlineAt: 25_500, memory: { attempts: 1, failures: 0, lostAt: null, rejoin: false, gaps: 0, pauses: [], stop: 'unasked' } },
      [{ type: 'connect', attempt: 1, from: 'cursor' }],
    ])
  })

  test('waits for a page that is hidden or for another tab, connects in spite of a browser that calls itself offline', () => {
    for (const reason of ['hidden', 'leader-elsewhere'] as const) expect(begin([reason], when(0))).toMatchObject([{ kind: 'paused', memory: { attempts: 0, pauses: [reason] } }, []])
    expect(begin(['offline'], when(0))).toMatchObject([{ kind: 'connecting', memory: { pauses: ['offline'] } }, [{ type: 'connect' }]])
    expect(memoryOf(begin(['leader-elsewhere', 'offline', 'hidden'], when(0))[0]).pauses).toEqual(['hidden', 'offline', 'leader-elsewhere'])
  })
})

describe.each(['connecting', 'streaming'] as const)('%s', (kind) => {
  let state: RunState
  beforeEach(() => { state = the[kind] })

  test('lost: hangs up and waits', () => {
    expect(hear(state, { type: 'lost', reason: 'cut' }, 2_000)).toMatchObject([{ kind: 'waiting', retryAt: 2_125, reason: 'cut', memory: { failures: 1, lostAt: 2_000 } }, [{ type: 'disconnect' }]])
  })

  test('silence until the deadline is a loss; a timer that comes early changes nothing', () => {
    const due = wakeAt(state) ?? 0
    expect(tell(state, { type: 'woke' }, due - 1)).toEqual([state, []])
    expect(tell(state, { type: 'woke' }, due)).toMatchObject([{ kind: 'waiting', reason: 'Nothing was heard from the server for 25 seconds.', memory: { failures: 1, lostAt: due } }, [{ type: 'disconnect' }]])
  })

  test('a loss while offline pauses, which counts as the failure it was', () => {
    const [offline, effects] = tell(state, { type: 'paused', reason: 'offline' }, 1_500)
    expect(effects).toEqual([])
    expect(offline).toMatchObject({ kind, memory: { pauses: ['offline'] } })
    expect(hear(offline, { type: 'lost', reason: 'cut' }, 2_000)).toMatchObject([{ kind: 'paused', memory: { failures: 1, lostAt: 2_000 } }, [{ type: 'disconnect' }]])
  })

  test('a first gap joins again at once, without a cursor', () => {
    expect(hear(state, { type: 'gap', reason: 'a hole' }, 2_000)).toMatchObject([
      { kind: 'connecting', attempt: 2, memory: { rejoin: true, gaps: 1 } }, [{ type: 'connect', attempt: 2, from: 'snapshot' }],
    ])
  })

  test('the second to fourth gap in a row wait first, longer each time; the fifth is a broken protocol, with the reason', () => {
    let [now] = hear(state, { type: 'gap', reason: 'a hole' })
    const waits: number[] = []
    for (let gap = 2; gap <= 4; gap++) {
      const [waits_, effects] = hear(now, { type: 'gap', reason: 'a hole' }, 0, 0.999_999)
      expect(effects).toEqual([{ type: 'disconnect' }])
      expect(waits_).toMatchObject({ kind: 'waiting', reason: 'a hole', memory: { rejoin: true, gaps: gap } })
      waits.push(wakeAt(waits_) ?? 0)
      ;[now] = tell(waits_, { type: 'woke' }, wakeAt(waits_) ?? 0)
      // Connecting anew, and even news, is no proof that the next snapshot fits.
      ;[now] = hear(now, { type: 'progressed', snapshot: true, news: true })
    }
    expect(waits).toEqual([1_000, 2_000, 4_000])
    const message = 'The server\'s stream does not fit together (a hole). Reload the page to see what is saved.'
    expect(hear(now, { type: 'gap', reason: 'a hole' })).toEqual([
      { kind: 'failed', reason: 'protocol', message }, [{ type: 'disconnect' }, { type: 'finalize', finale: { kind: 'failed', reason: 'protocol', message } }],
    ])
  })

  test('a gap while offline does not connect', () => {
    const [offline] = tell(state, { type: 'paused', reason: 'offline' })
    expect(hear(offline, { type: 'gap', reason: 'a hole' }, 2_000)).toMatchObject([{ kind: 'paused', memory: { rejoin: true } }, [{ type: 'disconnect' }]])
  })

  test('reset: stays, and takes only a snapshot from then on, over any loss', () => {
    const [next, effects] = hear(state, { type: 'reset' })
    expect(effects).toEqual([])
    expect(next).toEqual({ ...state, memory: { ...memoryOf(state), rejoin: true } })
    expect(tell(next, { type: 'stirred' })[1]).toMatchObject([{ type: 'connect', from: 'snapshot' }])
  })

  test('news ends the count of failures, a snapshot ends the wish for one, and neither does the other’s part', () => {
    const troubled = { ...state, memory: { ...memoryOf(state), failures: 3, lostAt: 500, rejoin: true } } as RunState
    expect(hear(troubled, { type: 'progressed', snapshot: false, news: true })).toMatchObject([{ kind, memory: { failures: 0, lostAt: null, rejoin: true } }, []])
    expect(hear(troubled, { type: 'progressed', snapshot: true, news: false })).toMatchObject([{ kind, memory: { failures: 3, lostAt: 500, rejoin: false } }, []])
    expect(hear(troubled, { type: 'progressed', snapshot: true, news: true })).toMatchObject([{ kind, memory: { failures: 0, lostAt: null, rejoin: false } }, []])
  })

  test.each([{ type: 'ended' }, { type: 'exhausted' }] as const)('$type: hangs up and looks for the saved record, 180 ms later, as if nothing had failed', (end) => {
    const troubled = { ...state, memory: { ...memoryOf(state), failures: 3, lostAt: 500 } } as RunState
    expect(hear(troubled, end, 3_000)).toMatchObject([{ kind: 'settling', check: 0, checkAt: 3_180, troubles: 0, memory: { failures: 0, lostAt: null } }, [{ type: 'disconnect' }]])
  })

  test('unauthorized: hangs up and waits for a login; refused: hangs up and says so for good', () => {
    expect(hear(state, { type: 'unauthorized', message: 'Log in.' })).toEqual([{ kind: 'logged-out', memory: memoryOf(state), message: 'Log in.', resume: 'connecting' }, [{ type: 'disconnect' }]])
    expect(hear(state, { type: 'refused', message: 'Not yours.' })).toEqual([
      { kind: 'failed', reason: 'refused', message: 'Not yours.' }, [{ type: 'disconnect' }, { type: 'finalize', finale: { kind: 'failed', reason: 'refused', message: 'Not yours.' } }],
    ])
  })

  test.each(['hidden', 'leader-elsewhere'] as const)('paused because %s: hangs up', (reason) => {
    expect(tell(state, { type: 'paused', reason })).toMatchObject([{ kind: 'paused', memory: { pauses: [reason] } }, [{ type: 'disconnect' }]])
  })

  test('connects anew when the browser is online again, or the page stirs: what is open may be dead without a sign', () => {
    const [offline] = tell(state, { type: 'paused', reason: 'offline' })
    expect(tell(offline, { type: 'resumed', reason: 'offline' }, 5_000)).toMatchObject([{ kind: 'connecting', attempt: 2, deadlineAt: 30_000, memory: { pauses: [] } }, [{ type: 'connect', attempt: 2, from: 'cursor' }]])
    expect(tell(state, { type: 'stirred' }, 5_000)).toMatchObject([{ kind: 'connecting', attempt: 2 }, [{ type: 'connect', attempt: 2 }]])
  })

  test('stays where nothing held it: not offline before, shown again, hinted at, logged in', () => {
    for (const event of [{ type: 'resumed', reason: 'offline' }, { type: 'resumed', reason: 'hidden' }, { type: 'hinted' }, { type: 'logged-in' }] as const) expect(tell(state, event)).toEqual([state, []])
    const [offline] = tell(state, { type: 'paused', reason: 'offline' })
    expect(tell(offline, { type: 'resumed', reason: 'hidden' })).toEqual([offline, []])
  })

  test('displaced: hangs up and settles', () => {
    expect(tell(state, { type: 'displaced' }, 3_000)).toMatchObject([{ kind: 'settling', checkAt: 3_180 }, [{ type: 'disconnect' }]])
  })
})

describe('connecting', () => {
  test('opened: streams, with a new deadline', () => {
    expect(hear(the.connecting, { type: 'opened' }, 1_000)).toMatchObject([{ kind: 'streaming', attempt: 1, openedAt: 1_000, deadlineAt: 26_000, floorMs: 0, memory: memoryOf(the.connecting) }, []])
  })

  test('bytes and a goodbye before the answer change nothing', () => {
    for (const event of [{ type: 'heard' }, { type: 'bye', retryMs: 500 }] as const) expect(hear(the.connecting, event, 10_000)).toEqual([the.connecting, []])
  })
})

describe('streaming', () => {
  test('opened once only', () => {
    expect(hear(the.streaming, { type: 'opened' }, 9_000)).toEqual([the.streaming, []])
  })

  test('heard: a new deadline; 5 s after opening it is a good connection, whatever failed before', () => {
    const troubled = { ...the.streaming, memory: { ...memoryOf(the.streaming), failures: 3, lostAt: 500, gaps: 2 } } as RunState
    expect(hear(troubled, { type: 'heard' }, 5_999)).toEqual([{ ...troubled, deadlineAt: 30_999 }, []])
    expect(hear(troubled, { type: 'heard' }, 6_000)).toMatchObject([{ deadlineAt: 31_000, memory: { failures: 0, lostAt: null, gaps: 0 } }, []])
  })

  test('bye: stays; when lost or silent, back no sooner than asked, or than a longer Retry-After says', () => {
    const [leaving, effects] = hear(the.streaming, { type: 'bye', retryMs: 4_000 })
    expect(effects).toEqual([])
    expect(leaving.kind).toBe('streaming')
    const back = (event: AttemptEvent) => wakeAt(hear(leaving, event, 0, 0)[0])
    expect(back({ type: 'lost', reason: 'closed' })).toBe(4_000)
    expect(back({ type: 'lost', reason: 'closed', retryAfterMs: 9_000 })).toBe(9_000)
    expect(back({ type: 'lost', reason: 'closed', retryAfterMs: 1_000 })).toBe(4_000)
    expect(wakeAt(tell(leaving, { type: 'woke' }, 100_000, 0)[0])).toBe(104_000)
  })

  test('held: stays, and the page is told why nothing new comes, until there is news; before the answer it says nothing', () => {
    const [holding, effects] = hear(the.streaming, { type: 'held', reason: 'disk-full' })
    expect([connectionOf(holding), effects]).toEqual([{ kind: 'streaming', held: 'disk-full' }, []])
    expect(connectionOf(hear(holding, { type: 'heard' })[0])).toEqual({ kind: 'streaming', held: 'disk-full' })
    expect(connectionOf(hear(holding, { type: 'progressed', snapshot: true, news: false })[0])).toEqual({ kind: 'streaming', held: 'disk-full' })
    expect(hear(holding, { type: 'progressed', snapshot: false, news: true })).toEqual([the.streaming, []])
    expect(hear(the.connecting, { type: 'held', reason: 'store' })).toEqual([the.connecting, []])
  })
})

describe('waiting', () => {
  test('connects when the time has come, and not before', () => {
    expect(tell(the.waiting, { type: 'woke' }, 2_124)).toEqual([the.waiting, []])
    expect(tell(the.waiting, { type: 'woke' }, 2_125)).toMatchObject([{ kind: 'connecting', attempt: 2, memory: { failures: 1, lostAt: 2_000 } }, [{ type: 'connect', attempt: 2, from: 'cursor' }]])
  })

  test.each([{ type: 'resumed', reason: 'offline' }, { type: 'stirred' }, { type: 'hinted' }, { type: 'logged-in' }] as const)('does not wait on after $type', (event) => {
    expect(tell(the.waiting, event, 2_050)).toMatchObject([{ kind: 'connecting', attempt: 2 }, [{ type: 'connect', attempt: 2 }]])
  })

  test('pauses for any reason; displaced, it settles. There is no connection to give up', () => {
    for (const reason of ['hidden', 'offline', 'leader-elsewhere'] as const) expect(tell(the.waiting, { type: 'paused', reason })).toMatchObject([{ kind: 'paused', memory: { pauses: [reason], failures: 1 } }, []])
    expect(tell(the.waiting, { type: 'displaced' }, 3_000)).toMatchObject([{ kind: 'settling', checkAt: 3_180 }, []])
  })
})

describe('paused', () => {
  test('goes on when the last reason is gone, whichever went first', () => {
    const [twice, effects] = tell(the.paused, { type: 'paused', reason: 'offline' })
    expect([memoryOf(twice).pauses, effects]).toEqual([['hidden', 'offline'], []])
    const [once, none] = tell(twice, { type: 'resumed', reason: 'hidden' })
    expect([once.kind, memoryOf(once).pauses, none]).toEqual(['paused', ['offline'], []])
    expect(tell(once, { type: 'resumed', reason: 'offline' })).toMatchObject([{ kind: 'connecting', memory: { pauses: [] } }, [{ type: 'connect' }]])
  })

  test('nothing else makes it connect; displaced, it settles', () => {
    for (const event of [{ type: 'stirred' }, { type: 'hinted' }, { type: 'woke' }, { type: 'logged-in' }] as const) expect(tell(the.paused, event, 90_000)).toEqual([the.paused, []])
    expect(tell(the.paused, { type: 'displaced' }, 3_000)).toMatchObject([{ kind: 'settling', checkAt: 3_180, memory: { pauses: ['hidden'] } }, []])
  })
})

describe('settling', () => {
  test('looks when a check is due, and not before', () => {
    expect(tell(the.settling, { type: 'woke' }, 3_179)).toEqual([the.settling, []])
    expect(tell(the.settling, { type: 'woke' }, 3_180)).toEqual([{ ...the.settling, check: 1, checkAt: null, deadlineAt: 3_180 + CHECK_MS }, [{ type: 'check-settled', check: 1 }]])
  })

  test.each([{ type: 'hinted' }, { type: 'logged-in' }] as const)('looks at once after $type, unless a check is under way', (event) => {
    expect(tell(the.settling, event, 3_001)).toEqual([{ ...the.settling, check: 1, checkAt: null, deadlineAt: 3_001 + CHECK_MS }, [{ type: 'check-settled', check: 1 }]])
    expect(tell(the.checking, event, 90_000)).toEqual([the.checking, []])
  })

  test.each([{ type: 'resumed', reason: 'offline' }, { type: 'stirred' }] as const)('looks anew after $type, for a check under way may be dead without a sign, and hears that one no more', (event) => {
    expect(tell(the.settling, event, 3_001)).toEqual([{ ...the.settling, check: 1, checkAt: null, deadlineAt: 3_001 + CHECK_MS }, [{ type: 'check-settled', check: 1 }]])
    const [anew, effects] = tell(the.checking, event, 90_000)
    expect([anew, effects]).toEqual([{ ...the.checking, check: 2, deadlineAt: 90_000 + CHECK_MS }, [{ type: 'check-settled', check: 2 }]])
    expect(step(anew, { type: 'checked', check: 1, result: { kind: 'missing' }, ...when(90_001) })).toEqual([anew, []])
  })

  test('remembers why it should be paused, and forgets what has passed', () => {
    const [hidden, effects] = tell(the.settling, { type: 'paused', reason: 'hidden' })
    expect([memoryOf(hidden).pauses, effects]).toEqual([['hidden'], []])
    expect(hidden.kind).toBe('settling')
    expect(memoryOf(tell(hidden, { type: 'resumed', reason: 'hidden' })[0]).pauses).toEqual([])
  })

  test('a check that never answers is given up, and the next one has longer', () => {
    const due = 3_180 + CHECK_MS
    expect(wakeAt(the.checking)).toBe(due)
    const [troubled, effects] = tell(the.checking, { type: 'woke' }, due)
    expect([troubled, effects]).toEqual([{ ...the.checking, checkAt: due + 1_500, deadlineAt: null, troubles: 1 }, []])
    expect(step(troubled, { type: 'checked', check: 1, result: saved, ...when(due + 1) })).toEqual([troubled, []])
    expect(wakeAt(tell(troubled, { type: 'woke' }, due + 1_500)[0])).toBe(due + 1_500 + 2 * CHECK_MS)
  })

  test('an early timer while a check is under way, and another run that is followed, change nothing', () => {
    expect(tell(the.checking, { type: 'woke' }, 90_000)).toEqual([the.checking, []])
    expect(tell(the.settling, { type: 'displaced' })).toEqual([the.settling, []])
  })

  test('restored: settled, with the server’s record', () => {
    expect(answer(the.checking, saved)).toEqual([{ kind: 'settled' }, [{ type: 'finalize', finale: { ...saved, kind: 'settled' } }]])
  })

  test('stale: superseded', () => {
    expect(answer(the.checking, { kind: 'stale' })).toEqual([{ kind: 'superseded' }, [{ type: 'finalize', finale: { kind: 'superseded' } }]])
  })

  test('active: ten quick looks 200 ms apart, then doubling to 15 s, and no longer called in trouble', () => {
    let state: RunState = the.checking
    const waits: number[] = []
    for (let look = 0; look < 20; look++) {
      // Chance has no part in the quick ones.
      const [next, effects] = answer({ ...state, troubles: 4 } as RunState, { kind: 'active' }, 10_000, look < 10 ? 0 : 0.999_999)
      expect(effects).toEqual([])
      expect(next).toMatchObject({ kind: 'settling', troubles: 0 })
      waits.push((wakeAt(next) ?? 0) - 10_000)
      ;[state] = tell(next, { type: 'woke' }, wakeAt(next) ?? 0)
    }
    expect(waits).toEqual([...Array.from({ length: 10 }, () => 200), 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000, 15_000, 15_000])
  })

  test.each([{ kind: 'missing' }, { kind: 'error', message: 'down' }] as const)('$kind: looks again ever later, up to 15 s, with half of it left to chance', (result) => {
    let state: RunState = the.checking
    const waits: number[][] = []
    for (let look = 1; look <= 5; look++) {
      const [early] = answer(state, result, 10_000, 0)
      const [late, effects] = answer(state, result, 10_000, 0.999_999)
      expect(effects).toEqual([])
      expect(late).toMatchObject({ kind: 'settling', troubles: look })
      waits.push([early, late].map((next) => (wakeAt(next) ?? 0) - 10_000))
      ;[state] = tell(late, { type: 'woke' }, wakeAt(late) ?? 0)
    }
    expect(waits).toEqual([[1_000, 2_000], [2_000, 4_000], [4_000, 8_000], [7_500, 15_000], [7_500, 15_000]])
  })

  test('an error that says when to come back is obeyed, where that is later', () => {
    const back = (retryAfterMs: number) => wakeAt(answer(the.checking, { kind: 'error', message: 'busy', retryAfterMs }, 0, 0)[0])
    expect(back(60_000)).toBe(60_000)
    expect(back(10)).toBe(1_000)
  })

  test('login: waits for one, and then goes on settling', () => {
    const [out, effects] = answer(the.checking, { kind: 'login' })
    expect(out).toEqual({ kind: 'logged-out', memory: memoryOf(the.checking), message: 'Your login ran out. Log in again to go on.', resume: 'settling' })
    expect(effects).toEqual([])
    expect(tell(out, { type: 'logged-in' }, 8_000)).toMatchObject([{ kind: 'settling', check: 0, checkAt: 8_180 }, []])
  })
})

describe('logged out', () => {
  test.each([{ type: 'logged-in' }, { type: 'resumed', reason: 'offline' }, { type: 'stirred' }] as const)('$type: connects again at the same cursor', (event) => {
    expect(tell(the.loggedOut, event, 8_000)).toMatchObject([{ kind: 'connecting', attempt: 2 }, [{ type: 'connect', attempt: 2, from: 'cursor' }]])
  })

  test('a login while the page is hidden waits for the page', () => {
    const [hidden, effects] = tell(the.loggedOut, { type: 'paused', reason: 'hidden' })
    expect([hidden.kind, memoryOf(hidden).pauses, effects]).toEqual(['logged-out', ['hidden'], []])
    expect(tell(hidden, { type: 'logged-in' })).toEqual([{ kind: 'paused', memory: memoryOf(hidden) }, []])
    expect(tell(hidden, { type: 'resumed', reason: 'hidden' })).toMatchObject([{ kind: 'connecting', memory: { pauses: [] } }, [{ type: 'connect' }]])
  })

  test('a hint and a timer say nothing about a login; another run that is followed leaves only the record to look for', () => {
    for (const event of [{ type: 'hinted' }, { type: 'woke' }] as const) expect(tell(the.loggedOut, event, 90_000)).toEqual([the.loggedOut, []])
    const [displaced, effects] = tell(the.loggedOut, { type: 'displaced' })
    expect([displaced, effects]).toEqual([{ ...the.loggedOut, resume: 'settling' }, []])
    expect(tell(displaced, { type: 'logged-in' }, 8_000)).toMatchObject([{ kind: 'settling', checkAt: 8_180 }, []])
  })
})

describe.each(unfinished)('Stop while %s', (name) => {
  test('is sent once, again only if it did not get through, and changes nothing else', () => {
    const state = the[name]
    const [asked, effects] = tell(state, { type: 'stop-requested' })
    expect([asked, effects]).toEqual([{ ...state, memory: { ...memoryOf(state), stop: 'sending' } }, [{ type: 'send-stop' }]])
    expect(tell(asked, { type: 'stop-requested' })).toEqual([asked, []])
    expect(tell(asked, { type: 'stop-answered', accepted: false })).toEqual([state, []])
    const [accepted] = tell(asked, { type: 'stop-answered', accepted: true })
    expect(accepted).toEqual({ ...state, memory: { ...memoryOf(state), stop: 'sent' } })
    expect(tell(accepted, { type: 'stop-requested' })).toEqual([accepted, []])
    expect(tell(accepted, { type: 'stop-answered', accepted: false })).toEqual([accepted, []])
    expect(tell(state, { type: 'stop-answered', accepted: true })).toEqual([state, []])
  })
})

describe.each(['settled', 'superseded', 'refused'] as const)('%s', (name) => {
  test('is the end: nothing changes it, nothing is scheduled, nobody may speak', () => {
    const state = the[name]
    const outside: readonly OutsideEvent[] = [
      { type: 'paused', reason: 'hidden' }, { type: 'resumed', reason: 'hidden' }, { type: 'stirred' }, { type: 'hinted' }, { type: 'woke' }, { type: 'stop-requested' },
      { type: 'stop-answered', accepted: true }, { type: 'displaced' }, { type: 'logged-in' },
    ]
    for (const event of outside) expect(tell(state, event, 90_000)).toEqual([state, []])
    expect([isFinal(state), wakeAt(state), currentAttempt(state), connectionOf(state)]).toEqual([true, null, null, null])
  })
})

describe('what can be read off a state', () => {
  test('who may speak: the current attempt where there is a connection, the current check where one is under way', () => {
    expect(unfinished.map((name) => the[name]).map(currentAttempt)).toEqual([1, 1, null, null, null, null, null])
    expect(unfinished.map((name) => the[name]).some(isFinal)).toBe(false)
    expect(step(the.streaming, { type: 'ended', attempt: 2, ...when(0) })).toEqual([the.streaming, []])
    expect(step(the.waiting, { type: 'ended', attempt: 1, ...when(0) })).toEqual([the.waiting, []])
    for (const [state, check] of [[the.streaming, 0], [the.settling, 0], [the.checking, 2]] as const) expect(step(state, { type: 'checked', check, result: saved, ...when(0) })).toEqual([state, []])
    const answered = answer(the.checking, { kind: 'active' })[0]
    expect(step(answered, { type: 'checked', check: 1, result: saved, ...when(0) })).toEqual([answered, []])
  })

  test('when it is to be woken', () => {
    expect(unfinished.map((name) => the[name]).map(wakeAt)).toEqual([25_000, 26_000, 2_125, null, 3_180, 3_180 + CHECK_MS, null])
  })

  test('what the page is told', () => {
    const [again] = tell(the.waiting, { type: 'woke' }, 2_125)
    const [troubled] = answer(the.checking, { kind: 'missing' })
    expect([...unfinished.map((name) => the[name]), again, troubled].map(connectionOf)).toEqual([
      { kind: 'connecting' }, { kind: 'streaming' }, { kind: 'waiting', sinceAt: 2_000, retryAt: 2_125, reason: 'cut' }, { kind: 'paused' },
      { kind: 'settling', unsaved: false }, { kind: 'settling', unsaved: false }, { kind: 'failed', reason: 'login', message: 'Log in.' },
      { kind: 'connecting', sinceAt: 2_000 }, { kind: 'settling', unsaved: true },
    ])
  })
})
