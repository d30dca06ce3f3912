/** Calls `frame` once, soon; the answer cancels it. */
export type ScheduleFrame = (frame: () => void) => () => void

export interface FrameSources {
  readonly visible: () => boolean
  /** `requestAnimationFrame`, answering with what cancels it. */
  readonly animationFrame: ScheduleFrame
  readonly after: (ms: number, wake: () => void) => () => void
  readonly now: () => number
}

/** A visible page that draws nothing for this long (a window behind others, a test without a display) is not drawing. */
const NO_FRAME_MS = 100

/** A frame that took longer than this, with its layout and painting, … */
const DEAR_MS = 24
/** … is followed by so many times as long in which none is drawn: a slow machine draws more at once and less often, and answers its reader between … */
const REST = 3
/** … but by no more than this, for text is read while it comes. */
const LONGEST_REST_MS = 250

/**
 * The next animation frame where the page is drawn, later where the last one was dear. A hidden page gets none for as long as it is hidden, and some
 * pages that call themselves visible get none either: there a task does it, so that text never waits for a frame that does not come.
 */
export function createFrameSchedule({ visible, animationFrame, after, now }: FrameSources): ScheduleFrame {
  let restedAt = -Infinity
  const draw: ScheduleFrame = (frame) => {
    let done = false
    const once = () => {
      if (done) return
      stop()
      const begun = now()
      // A task behind the frame's layout and painting.
      after(0, () => {
        const took = now() - begun
        if (took > DEAR_MS) restedAt = now() + Math.min(REST * took, LONGEST_REST_MS)
      })
      frame()
    }
    const cancelFrame = animationFrame(once)
    const cancelTimer = after(NO_FRAME_MS, once)
    const stop = () => {
      done = true
      cancelFrame()
      cancelTimer()
    }
    return stop
  }
  return (frame) => {
    if (!visible()) return after(0, frame)
    const rest = restedAt - now()
    if (rest <= 0) return draw(frame)
    let cancel = after(rest, () => { cancel = draw(frame) })
    return () => cancel()
  }
}

/** The real one, for `main`. */
export function pageFrames(): ScheduleFrame {
  return createFrameSchedule({
    visible: () => document.visibilityState === 'visible',
    animationFrame: (frame) => {
      const id = requestAnimationFrame(frame)
      return () => cancelAnimationFrame(id)
    },
    after: (ms, wake) => {
      const timer = setTimeout(wake, ms)
      return () => clearTimeout(timer)
    },
    now: () => performance.now(),
  })
}
