/** Calls `frame` once, soon; the answer cancels it. */
export type ScheduleFrame = (frame: () => void) => () => void

export interface FrameSources {
  readonly visible: () => boolean
  /** `requestAnimationFrame`, answering with what cancels it. */
  readonly animationFrame: ScheduleFrame
  readonly after: (ms: number, wake: () => void) => () => void
}

/** A visible page that draws nothing for this long (a window behind others, a test without a display) is not drawing. */
const NO_FRAME_MS = 100

/**
 * The next animation frame where the page is drawn. A hidden page gets none for as long as it is hidden, and some pages that call
 * themselves visible get none either: there a task does it, so that text never waits for a frame that does not come.
 */
export function createFrameSchedule({ visible, animationFrame, after }: FrameSources): ScheduleFrame {
  return (frame) => {
    if (!visible()) return after(0, frame)
    let done = false
    const once = () => {
      if (done) return
      stop()
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
  })
}
