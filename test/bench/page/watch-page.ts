/** Runs in the page, from before its first script: counts frames. */
export interface PageWatch {
  /** Forgets what was seen so far. */
  begin(): void
  /** Frames since, and when each was, ms. */
  readonly frames: number[]
  /** Resolves when answers stand in the page, have been painted, and a task could run behind that. Answers with the page's clock, ms. */
  drawn(): Promise<number>
}

declare global {
  interface Window {
    pageWatch: PageWatch
  }
}

/** For `addInitScript`: self-contained. */
export function watchPage(): void {
  const frames: number[] = []
  const look = (now: number) => {
    frames.push(now)
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  window.pageWatch = {
    frames,
    begin() {
      frames.length = 0
    },
    drawn: () =>
      new Promise((resolve) => {
        const lookFor = () => {
          if (document.querySelector('[data-thread] article[data-role=assistant]') === null) requestAnimationFrame(lookFor)
          else requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0))
        }
        lookFor()
      }),
  }
}
