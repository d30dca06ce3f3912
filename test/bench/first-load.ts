/** What a browser with an empty cache fetches and waits for until a thread can be used. */
import { gzipSync } from 'node:zlib'
import type { Page, Request, Response } from '@playwright/test'

export interface FirstLoad {
  readonly scriptKb: number
  readonly styleKb: number
  readonly requests: number
  /** First contentful paint, ms after the navigation began. */
  readonly firstPaintMs: number
  /** The end of the thread is drawn and the page has taken a key, ms after the navigation began. */
  readonly interactiveMs: number
}

/** A script for the page, to run before its own: leaves `interactiveMs` on the window once the end of the thread, which says `last`, is drawn and a key was taken. */
export const watching = (last: string): string => `{
  const look = () => {
    const field = document.querySelector('textarea')
    const articles = document.querySelectorAll('article')
    if (field === null || !articles[articles.length - 1]?.textContent.includes(${JSON.stringify(last)})) return requestAnimationFrame(look)
    // Drawn with this frame; whatever the page still has to do comes before the next task.
    setTimeout(() => {
      field.addEventListener('keydown', () => { window.interactiveMs = performance.now() }, { once: true })
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }))
    })
  }
  requestAnimationFrame(look)
}`

/** Loads `url`; `last` is a text at the thread's end. Sizes are those of gzip at its best, whatever encoding was served. */
export async function firstLoad(page: Page, url: string, last: string): Promise<FirstLoad> {
  const responses: Response[] = []
  const requests: Request[] = []
  let counting = true
  page.on('request', (request) => {
    if (counting) requests.push(request)
  })
  page.on('response', (response) => {
    if (counting) responses.push(response)
  })
  await page.addInitScript({ content: watching(last) })
  await page.goto(url)
  const times = await (await page.waitForFunction(() => {
    const interactiveMs = (window as { interactiveMs?: number }).interactiveMs
    const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime
    return interactiveMs === undefined || paint === undefined ? null : { interactiveMs, firstPaintMs: paint }
  })).jsonValue()
  counting = false
  if (times === null) throw new Error('The page gave no times.')
  // What the page asked for later is no part of it, however late we hear that it was interactive.
  const asked = new Set(await page.evaluate((until) => performance.getEntriesByType('resource').filter((one) => one.startTime < until).map((one) => one.name), times.interactiveMs))
  const early = (request: Request) => request.isNavigationRequest() || asked.has(request.url())
  const kb = async (type: string) => {
    const bodies = await Promise.all(responses.filter((response) => response.request().resourceType() === type && early(response.request())).map((response) => response.body()))
    return bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0) / 1024
  }
  return { scriptKb: await kb('script'), styleKb: await kb('stylesheet'), requests: requests.filter(early).length, ...times }
}
