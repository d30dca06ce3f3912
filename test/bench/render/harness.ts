/** Runs in the page: gives a renderer its deltas frame by frame, and watches what it does where it is told to. */
import '../../../src/client/theme/tokens.css'
import '../../../src/client/theme/base.css'
import { markdownLook } from '../../../src/client/views/message/markdown-look.ts'
import { createWatch } from './watch.ts'
import type { Seen, Watch } from './watch.ts'
import type { BenchRenderer, CreateRenderer } from './renderer.ts'

export interface BenchPage {
  /** Loads the renderer. `watched`: its nodes are watched, which costs time, so such a run is not timed. */
  start(module: string, deltas: readonly string[], watched: boolean): Promise<void>
  /** Streams the deltas from one to before another, so many per frame. Resolves two frames behind the last. */
  stream(from: number, to: number, perFrame: number): Promise<void>
  /** Says that nothing more comes, and waits until the page has nothing left to do. */
  finish(): Promise<void>
  seen(): Seen | null
  /** Elements in the host. */
  elements(): number
}

declare global {
  interface Window {
    bench: BenchPage
  }
}

const QUIET_FRAMES = 10

const scroller = document.querySelector('#scroller') as HTMLElement
const host = document.querySelector('#host') as HTMLElement
host.className = markdownLook

let renderer: BenchRenderer
let given: readonly string[] = []
let watch: Watch | null = null

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()))
/** As every chat does: the end stays in view. */
const follow = () => scroller.scrollTo({ top: 1e9, behavior: 'instant' })

window.bench = {
  async start(module, deltas, watched) {
    const { create } = (await import(/* @vite-ignore */ module)) as { create: CreateRenderer }
    given = deltas
    renderer = create(host)
    if (watched) watch = createWatch(host)
    await nextFrame()
    await nextFrame()
  },
  async stream(from, to, perFrame) {
    for (let at = from; at < to; at += perFrame) {
      await nextFrame()
      for (const delta of given.slice(at, Math.min(to, at + perFrame))) renderer.push(delta)
      renderer.frame()
      follow()
      watch?.frame()
    }
    await nextFrame()
    await nextFrame()
  },
  async finish() {
    renderer.end()
    follow()
    for (let frame = 0; frame < QUIET_FRAMES; frame++) await nextFrame()
    await new Promise<void>((resolve) => requestIdleCallback(() => resolve(), { timeout: 2_000 }))
  },
  seen: () => watch?.seen() ?? null,
  elements: () => host.querySelectorAll('*').length,
}
