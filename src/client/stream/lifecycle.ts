/** What the browser does to the page, in the words of the run machine. The one place under `stream/` that listens to window and document. */
import type { OutsideEvent, PauseReason } from '../run/state.ts'
import type { Clock } from './clock.ts'

export type PageSignal =
  | Extract<OutsideEvent, { type: 'paused' | 'resumed' | 'stirred' }>
  /** The page is left, perhaps to be kept for Back; and is shown again from there. */
  | { readonly type: 'left' }
  | { readonly type: 'returned' }

export interface Lifecycle {
  /** The reasons that hold now. */
  pauses(): readonly PauseReason[]
  /** The answer stops the calls. */
  subscribe(listener: (signal: PageSignal) => void): () => void
  dispose(): void
}

/** What is needed of a browser; `window` fits. */
export interface PageLike {
  readonly document: { readonly visibilityState: string } & Listens
  readonly navigator: { readonly onLine: boolean }
  readonly location: { readonly hostname: string }
  addEventListener(type: string, listener: (event: Event) => void): void
  removeEventListener(type: string, listener: (event: Event) => void): void
}
interface Listens {
  addEventListener(type: string, listener: (event: Event) => void): void
  removeEventListener(type: string, listener: (event: Event) => void): void
}

/** A tab that is only flicked past keeps its connection. */
const HIDDEN_MS = 10_000
const TICK_MS = 2_000
/** A tick this much early or late: the machine slept, or its clock was set. */
const JUMP_MS = 3_000

/**
 * Listens to visibility (hidden for 10 s pauses, leaving the page at once), pageshow, freeze and resume, online and offline, and
 * watches for clock jumps while the page is visible: a hidden page's timers are late by habit.
 */
export function createLifecycle(page: PageLike, clock: Clock): Lifecycle {
  const listeners = new Set<(signal: PageSignal) => void>()
  const held = new Set<PauseReason>()
  let cancelHide: (() => void) | null = null
  let cancelTick: (() => void) | null = null
  // A server on this very machine is reached without any network, so the browser's word about one means nothing.
  const onLoopback = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(page.location.hostname)

  function tell(signal: PageSignal): void {
    for (const listener of [...listeners]) listener(signal)
  }
  function pause(reason: PauseReason): void {
    if (held.has(reason)) return
    held.add(reason)
    tell({ type: 'paused', reason })
  }
  function resume(reason: PauseReason): void {
    if (held.delete(reason)) tell({ type: 'resumed', reason })
  }

  function hideNow(): void {
    cancelHide?.()
    cancelHide = null
    cancelTick?.()
    cancelTick = null
    pause('hidden')
  }
  function show(): void {
    cancelHide?.()
    cancelHide = null
    resume('hidden')
    if (cancelTick === null) tick()
  }
  function onVisibility(): void {
    if (page.document.visibilityState !== 'hidden') return show()
    cancelTick?.()
    cancelTick = null
    cancelHide ??= clock.after(HIDDEN_MS, hideNow)
  }
  function onPageHide(): void {
    hideNow()
    tell({ type: 'left' })
  }
  function onPageShow(event: Event): void {
    if (page.document.visibilityState !== 'hidden') show()
    // From the back-forward cache: whatever was open then is not now.
    if (!(event as PageTransitionEvent).persisted) return
    tell({ type: 'returned' })
    tell({ type: 'stirred' })
  }
  function onResume(): void {
    if (page.document.visibilityState !== 'hidden') show()
    tell({ type: 'stirred' })
  }
  function onOnline(): void {
    if (held.has('offline')) resume('offline')
    else tell({ type: 'stirred' })
  }
  function onOffline(): void {
    if (!onLoopback) pause('offline')
  }
  function tick(): void {
    const dueAt = clock.now() + TICK_MS
    cancelTick = clock.after(TICK_MS, () => {
      tick()
      // `online` may have come while the page was frozen and nobody listened.
      if (page.navigator.onLine) resume('offline')
      if (Math.abs(clock.now() - dueAt) > JUMP_MS) tell({ type: 'stirred' })
    })
  }

  const windowListeners: readonly [string, (event: Event) => void][] = [
    ['pageshow', onPageShow], ['pagehide', onPageHide], ['online', onOnline], ['offline', onOffline],
  ]
  const documentListeners: readonly [string, (event: Event) => void][] = [
    ['visibilitychange', onVisibility], ['freeze', hideNow], ['resume', onResume],
  ]
  for (const [type, listener] of windowListeners) page.addEventListener(type, listener)
  for (const [type, listener] of documentListeners) page.document.addEventListener(type, listener)
  if (page.document.visibilityState === 'hidden') held.add('hidden')
  else tick()
  if (!onLoopback && !page.navigator.onLine) held.add('offline')

  return {
    pauses: () => [...held],
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispose() {
      for (const [type, listener] of windowListeners) page.removeEventListener(type, listener)
      for (const [type, listener] of documentListeners) page.document.removeEventListener(type, listener)
      cancelHide?.()
      cancelTick?.()
      listeners.clear()
    },
  }
}
