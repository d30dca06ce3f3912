/**
 * A Chromium with as little of the developer's tools attached as can be: Playwright has every request and message tell where in the code it came
 * from, for which the browser parses much of a page's script a second time. Who reads pays for none of that, so no times are taken with it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface BareBrowser {
  /** Opens a tab on an empty page. */
  open(): Promise<BareTab>
  /** Ends it and removes its profile. */
  close(): Promise<void>
}

interface BareTab {
  /** Runs `script` in every document that the tab opens from now on, before the document's own. */
  before(script: string): Promise<void>
  /** Forgets the cache, and all that `origin` has kept. */
  forget(origin: string): Promise<void>
  go(url: string): Promise<void>
  /** What an expression comes to, as JSON would carry it. */
  ask(expression: string): Promise<unknown>
  close(): Promise<void>
}

interface Answer {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** Starts `executable` with a profile of its own and one tab on an empty page, which stays. `args`: further ones. */
export async function startBareBrowser(executable: string, args: readonly string[] = []): Promise<BareBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-profile-'))
  const browser = spawn(executable, [
    '--headless=new', `--user-data-dir=${profile}`, '--remote-debugging-pipe', '--no-first-run', '--no-default-browser-check', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-gpu', '--window-size=1280,887', ...args, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
  const [, , , to, from] = browser.stdio as unknown as [null, null, null, Writable, Readable]
  const waiting = new Map<number, { readonly answer: (result: Readonly<Record<string, unknown>>) => void; readonly reject: (error: Error) => void }>()
  let asked = 0
  let rest = ''
  from.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\0')
    rest = whole.pop() ?? ''
    for (const json of whole) {
      const { id, result, error } = JSON.parse(json) as Answer
      const one = id === undefined ? undefined : waiting.get(id)
      if (id === undefined || one === undefined) continue
      waiting.delete(id)
      if (error === undefined) one.answer(result ?? {})
      else one.reject(new Error(`The browser refused: ${error.message}`))
    }
  })
  browser.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The browser left with code ${code}.`))
  })

  const send = (method: string, params: object = {}, sessionId?: string) => new Promise<Readonly<Record<string, unknown>>>((answer, reject) => {
    waiting.set(++asked, { answer, reject })
    to.write(`${JSON.stringify({ id: asked, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`)
  })

  return {
    async open() {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
      const tell = (method: string, params: object = {}) => send(method, params, sessionId as string)
      await tell('Page.enable')
      return {
        before: async (script) => void await tell('Page.addScriptToEvaluateOnNewDocument', { source: script }),
        async forget(origin) {
          await tell('Network.clearBrowserCache')
          await tell('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
        },
        go: async (url) => void await tell('Page.navigate', { url }),
        async ask(expression) {
          const { result } = await tell('Runtime.evaluate', { expression, returnByValue: true })
          return (result as { readonly value?: unknown }).value
        },
        close: async () => void await send('Target.closeTarget', { targetId }),
      }
    },
    async close() {
      const gone = once(browser, 'exit')
      browser.kill()
      await gone
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
