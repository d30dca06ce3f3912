/** What every end-to-end test stands on: a scripted provider, the built server with its own data, a proxy in front, a page that is watched. */
import { test as base, expect } from '@playwright/test'
import type { BrowserContext, Page } from '@playwright/test'
import { messagePageSchema, read, runSchema } from '../src/shared/protocol.ts'
import type { MessagePage, Run } from '../src/shared/protocol.ts'
import { createFaultProxy } from '../test/support/fault-proxy.ts'
import type { FaultProxy } from '../test/support/fault-proxy.ts'
import { createScriptedProvider } from '../test/support/scripted-provider.ts'
import type { ScriptedProvider } from '../test/support/scripted-provider.ts'
import { startServerProcess } from '../test/support/server-process.ts'
import type { ServerProcess } from '../test/support/server-process.ts'
import { createApp, OFTEN } from './app.ts'
import type { App } from './app.ts'
import { createShownRecord, watchShown } from './shown.ts'
import type { ShownRecord } from './shown.ts'

/** What the server says, asked directly. */
export interface Asked {
  messages(thread: string): Promise<MessagePage>
  run(run: string): Promise<Run>
  /** Waits until the thread's newest run is settled. */
  settled(thread: string): Promise<Run>
  /** Text of the newest answer that is saved. */
  savedText(thread: string): Promise<string>
}

interface Fixtures {
  /** Which agent the server has by default: the scripted provider, or the built-in demo. */
  readonly agent: 'scripted' | 'demo'
  /** Megabytes of the disk that the server's data is on; null: the disk of the machine. */
  readonly diskMb: number | null
  readonly provider: ScriptedProvider
  /** Where the proxy leads; the server's port once it is known, for the server must first be told the proxy's name. */
  readonly behind: { readonly host: string; port: number }
  /** What stands between the pages and the server. (Playwright's `proxy` is something else.) */
  readonly wire: FaultProxy
  readonly server: ServerProcess
  readonly asked: Asked
  /** What all pages of the test have shown. Checked at the end of each test. */
  readonly shown: ShownRecord
  /** Errors of all pages: thrown, or a violated policy. Must be none at the end of each test. */
  readonly pageErrors: string[]
  readonly watched: (context: BrowserContext) => Promise<void>
  /** A page that talks to the server through the proxy. */
  readonly app: App
  /** Another tab of the same browser. */
  readonly secondTab: () => Promise<App>
}

export const test = base.extend<Fixtures>({
  agent: ['scripted', { option: true }],
  diskMb: [null, { option: true }],
  provider: async ({}, use) => {
    const provider = await createScriptedProvider()
    await use(provider)
    await provider.close()
  },
  behind: async ({}, use) => use({ host: '127.0.0.1', port: 0 }),
  wire: async ({ behind }, use) => {
    const wire = await createFaultProxy({ target: behind })
    await use(wire)
    await wire.close()
  },
  server: async ({ agent, diskMb, provider, behind, wire }, use, info) => {
    const model = agent === 'scripted' ? { OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: 'none', OPENAI_MODEL: 'scripted-model' } : {}
    const server = await startServerProcess({ ALLOWED_HOSTS: wire.host, ...model }, diskMb === null ? {} : { smallDiskMb: diskMb })
    behind.port = server.port
    await use(server)
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: server.logs(), contentType: 'text/plain' })
    await server.close()
  },
  asked: async ({ server }, use) => {
    const get = async (path: string): Promise<unknown> => {
      const answer = await fetch(`${server.url}${path}`)
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    }
    const messages = async (thread: string) => read(messagePageSchema, await get(`/api/threads/${thread}/messages?limit=100`))
    await use({
      messages,
      run: async (run) => read(runSchema, await get(`/api/runs/${run}`)),
      async settled(thread) {
        await expect.poll(async () => {
          const { activeRun, runs } = await messages(thread)
          return activeRun === null && runs.at(-1)?.settled === true
        }, { message: 'the newest run is settled', timeout: 20_000, ...OFTEN }).toBe(true)
        return (await messages(thread)).runs.at(-1) as Run
      },
      async savedText(thread) {
        const answer = (await messages(thread)).messages.findLast((message) => message.role === 'assistant')
        return (answer?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('')
      },
    })
  },
  shown: async ({}, use) => {
    const record = createShownRecord()
    await use(record)
    expect(record.violations(), 'what was shown only grew').toEqual([])
  },
  pageErrors: async ({}, use) => {
    const errors: string[] = []
    await use(errors)
    expect(errors, 'no page had an error').toEqual([])
  },
  watched: async ({ shown, pageErrors }, use) => {
    await use(async (context) => {
      await context.exposeBinding('reportShown', (_source, one: Parameters<ShownRecord['add']>[0]) => shown.add(one))
      await context.addInitScript(watchShown)
      context.on('weberror', (error) => pageErrors.push(String(error.error().stack ?? error.error())))
      context.on('console', (message) => {
        if (/Content Security Policy|Trusted Type|Minified React error|Maximum update depth/i.test(message.text())) pageErrors.push(message.text())
      })
    })
  },
  app: async ({ context, page, server, wire, watched }, use) => {
    if (!server.running) throw new Error('The server does not run.')
    await watched(context)
    await use(createApp(page, () => wire.url))
  },
  secondTab: async ({ context, wire, app }, use) => {
    await use(async () => createApp(await newPage(context, app), () => wire.url))
  },
})

async function newPage(context: BrowserContext, app: App): Promise<Page> {
  const page = await context.newPage()
  await page.setViewportSize(app.page.viewportSize() ?? { width: 1280, height: 800 })
  return page
}

export { expect }
