/** A page as a person uses it: everything by the stable handles. */
import { expect } from '@playwright/test'
import type { Locator, Page } from '@playwright/test'

export interface App {
  readonly page: Page
  readonly field: Locator
  readonly sendButton: Locator
  readonly stopButton: Locator
  readonly jump: Locator
  readonly status: Locator
  readonly threads: Locator
  /** The thread's scroll container. */
  readonly scroller: Locator
  readonly questions: Locator
  readonly answers: Locator
  open(path?: string): Promise<void>
  /** Types a message and presses Enter. */
  send(text: string): Promise<void>
  /** Id of the thread in view, from the URL. */
  thread(): string
  /** Text of all text parts of the last answer. */
  answerText(): Promise<string>
  /** Waits until the last answer shows exactly this. */
  shows(text: string): Promise<void>
  /** Scrolls up by `move` and waits until the page stands still, for a browser glides to where a key or a wheel sends it. Answers `scrollTop`. */
  scrollsUp(move: () => Promise<void>): Promise<number>
  /** Waits until the last answer has this state: streaming, completed, cancelled, failed, interrupted. */
  ends(status: string): Promise<void>
}

/** Looks as often as a locator does; Playwright's own pauses for a poll grow to a second, which a story with ten of them feels. */
export const OFTEN = { intervals: [20, 50, 100, 150, 200] }

/** So many frames without a move are a page that stands still. */
const STILL_FRAMES = 10

export function createApp(page: Page, origin: () => string): App {
  const answers = page.locator('article[data-role=assistant]')
  const app: App = {
    page,
    field: page.getByRole('textbox', { name: 'Message' }),
    sendButton: page.getByRole('button', { name: 'Send', exact: true }),
    stopButton: page.getByRole('button', { name: 'Stop', exact: true }),
    jump: page.getByRole('button', { name: 'Jump to latest' }),
    status: page.getByRole('status'),
    threads: page.getByRole('navigation', { name: 'Chats' }).getByRole('link'),
    scroller: page.locator('[data-thread]'),
    questions: page.locator('article[data-role=user]'),
    answers,
    async open(path = '/') {
      await page.goto(origin() + path)
      await expect(app.field).toBeVisible()
    },
    async send(text) {
      await app.field.fill(text)
      await app.field.press('Enter')
      await expect(app.questions.last()).toContainText(text)
    },
    thread() {
      const id = /\/t\/([A-Za-z0-9_-]+)/.exec(page.url())?.[1]
      if (id === undefined) throw new Error(`No thread in view: ${page.url()}`)
      return id
    },
    async answerText() {
      if ((await answers.count()) === 0) return ''
      return (await answers.last().locator('[data-part][data-kind=text]').allTextContents()).join('')
    },
    shows: (text) => expect.poll(() => app.answerText(), { message: 'the last answer', ...OFTEN }).toBe(text),
    async scrollsUp(move) {
      // Watched from before the move: text that pours in moves the bottom away, so only the highest place that was seen tells what is up.
      const glide = await app.scroller.evaluateHandle((box, still) => {
        let highest = box.scrollTop
        let last = highest
        let frames = 0
        const ended = new Promise<number>((resolve) => {
          const look = () => {
            const top = box.scrollTop
            highest = Math.max(highest, top)
            frames = top === last ? frames + 1 : 0
            last = top
            if (top < highest && frames >= still) resolve(top)
            else requestAnimationFrame(look)
          }
          requestAnimationFrame(look)
        })
        return { ended }
      }, STILL_FRAMES)
      await move()
      return glide.evaluate(({ ended }) => ended)
    },
    ends: (status) => expect(answers.last()).toHaveAttribute('data-status', status),
  }
  return app
}
