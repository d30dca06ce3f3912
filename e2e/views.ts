/**
 * Every view and state of the page, and how to get there: what `npm run shots` photographs and what axe looks at. To add one: a line here. Each begins
 * anew, in a page of its own or in one that another view has left.
 */
import { expect } from '@playwright/test'
import { settingsSections } from '../src/client/store/state.ts'
import type { App } from './app.ts'
import { png } from '../test/support/pictures.ts'
import type { ScriptedProvider } from '../test/support/scripted-provider.ts'
import type { ServerProcess } from '../test/support/server-process.ts'

export interface Stage {
  readonly app: App
  readonly provider: ScriptedProvider
  readonly server: ServerProcess
}

export interface View {
  readonly name: string
  reach(stage: Stage): Promise<void>
  /** Undoes what the next view would trip over. */
  leave?(stage: Stage): Promise<void>
  /** Something lies over the page in a portal of its own, which axe's rule about landmarks does not know. */
  readonly over?: boolean
}

const markdown = '# Tides\n\nSome *text* with `code` and a [link](https://example.org/).\n\n- [x] done\n- [ ] open\n\n| Port | High water |\n|---|---|\n| Brest | 04:12 |\n| Saint-Malo | 06:35 |\n\n> The sea, once it casts its spell, holds one in its net of wonder.\n\n```ts\nexport const twice = (value: number) => value * 2\n```\n'

async function answered({ app, provider }: Stage, question = 'When is high water?'): Promise<void> {
  await app.open()
  await app.send(question)
  const call = await provider.nextCall()
  call.reasoning('The tables say it.')
  call.text(markdown)
  call.finish()
  await app.ends('completed')
}

/** Two answers to one question. */
async function answeredTwice(stage: Stage): Promise<void> {
  const { app, provider } = stage
  await answered(stage)
  await app.answers.last().hover()
  await app.page.getByRole('button', { name: 'Answer again' }).click()
  const call = await provider.nextCall()
  call.text('Another answer: in Brest at 04:12.')
  call.finish()
  await app.shows('Another answer: in Brest at 04:12.')
  await app.ends('completed')
}

async function stopped({ app }: Stage): Promise<void> {
  await app.stopButton.click()
  await app.ends('cancelled')
}

const settings: readonly View[] = settingsSections.map((section) => ({
  name: `settings-${section}`,
  over: true,
  async reach({ app }) {
    await app.open(`/#settings-${section}`)
    await expect(app.page.getByRole('dialog').getByRole('heading', { level: 3 })).toBeVisible()
  },
  leave: ({ app }) => app.page.keyboard.press('Escape'),
}))

/** Those in which the server goes away are the last: a page that reaches for it is another view's trouble. */
export const views: readonly View[] = [
  { name: 'empty', reach: ({ app }) => app.open() },
  {
    name: 'loading',
    async reach({ app }) {
      await app.page.route(/\/api\/threads/, () => { /* no answer */ })
      await app.open('/t/AAAAAAAAAAAAAAAAAAAAAA')
    },
    leave: ({ app }) => app.page.unrouteAll({ behavior: 'ignoreErrors' }),
  },
  {
    name: 'not-found',
    async reach({ app }) {
      await app.open('/t/AAAAAAAAAAAAAAAAAAAAAA')
      await expect(app.page.getByRole('heading', { name: 'Chat not found' })).toBeVisible()
    },
  },
  {
    name: 'load-failed',
    async reach({ app }) {
      await app.page.route(/\/api\/threads/, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Unavailable', status: 503, detail: 'The database does not answer now; nothing was changed. Try again in a moment.' }) }))
      await app.open('/t/AAAAAAAAAAAAAAAAAAAAAA')
      await expect(app.page.getByRole('button', { name: 'Try again' }).first()).toBeAttached()
    },
    leave: ({ app }) => app.page.unrouteAll({ behavior: 'ignoreErrors' }),
  },
  {
    name: 'mid-stream',
    async reach({ app, provider }) {
      await app.open()
      await app.send('When is high water?')
      const call = await provider.nextCall()
      call.reasoning('The tables say it.')
      call.text(markdown)
      await expect.poll(() => app.answerText()).toContain('twice')
    },
    leave: stopped,
  },
  { name: 'settled', reach: answered },
  {
    name: 'files',
    async reach({ app, provider }) {
      const { page } = app
      await app.open()
      const choose = (...names: string[]) => page.locator('input[type=file][multiple]').setInputFiles(names.map((name) => ({
        name, mimeType: name.endsWith('.png') ? 'image/png' : 'text/plain', buffer: name.endsWith('.png') ? png(600, 400) : Buffer.from(`This is ${name}`),
      })))
      await choose('tide-table.png', 'notes.txt')
      await app.send('What do these say?')
      const call = await provider.nextCall()
      call.text('High water at four.')
      call.finish()
      await app.ends('completed')
      await page.route(/\/api\/files\/.*full/, (route) => route.fulfill({ status: 507, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Full', status: 507, detail: 'The server’s disk has no room for this file. Free some space there, then try again.' }) }))
      await choose('next.png', 'full.txt')
      await expect(page.locator('[data-attached]').last()).toContainText('no room')
    },
    leave: ({ app }) => app.page.unrouteAll({ behavior: 'ignoreErrors' }),
  },
  {
    name: 'tools',
    async reach({ app, provider }) {
      await app.open()
      await app.send('What is six times seven?')
      const call = await provider.nextCall()
      call.toolCall('calculator', ['{"expression":"6*7"}'])
      call.finish('tool_calls')
      const next = await provider.nextCall()
      next.text('It is 42.')
      next.finish()
      await app.ends('completed')
      await app.answers.last().locator('[data-kind=tool]').getByRole('button').first().click()
    },
  },
  {
    name: 'failed',
    async reach({ app, provider }) {
      await app.open()
      await app.send('Fail in the middle')
      const call = await provider.nextCall()
      call.text('Half of it')
      await app.shows('Half of it')
      call.reset()
      await expect(app.page.locator('[data-outcome=failed]')).toBeVisible()
    },
  },
  {
    name: 'approval',
    async reach({ app }) {
      await app.open()
      await app.page.getByRole('button', { name: /^Agent:/ }).click()
      await app.page.getByRole('menuitemradio', { name: /Demo/ }).first().click()
      await app.send('Ask me for approval, fast')
      await expect(app.page.getByRole('button', { name: 'Approve' })).toBeVisible()
    },
    leave: ({ app }) => app.page.getByRole('button', { name: 'Deny' }).click(),
  },
  {
    name: 'agents',
    over: true,
    async reach({ app }) {
      await app.open()
      await app.page.getByRole('button', { name: /^Agent:/ }).click()
      await expect(app.page.getByRole('menu')).toBeVisible()
    },
  },
  {
    name: 'chat-options',
    over: true,
    async reach(stage) {
      await answered(stage)
      await stage.app.page.getByRole('button', { name: /^Options for/ }).first().click()
      await expect(stage.app.page.getByRole('menu')).toBeVisible()
    },
  },
  {
    name: 'drawer',
    async reach(stage) {
      await answered(stage)
      await stage.app.page.setViewportSize({ width: 390, height: 844 })
      await stage.app.page.getByRole('button', { name: 'Show chats' }).click()
      await expect(stage.app.threads.first()).toBeVisible()
    },
  },
  {
    name: 'chat-menu',
    over: true,
    async reach(stage) {
      await answered(stage)
      await stage.app.page.getByRole('button', { name: 'Chat menu' }).click()
      await expect(stage.app.page.getByRole('menu')).toBeVisible()
    },
  },
  {
    name: 'find',
    async reach(stage) {
      await answered(stage)
      await stage.app.page.getByRole('button', { name: 'Chat menu' }).click()
      await stage.app.page.getByRole('menuitem', { name: 'Find in this chat' }).click()
      await stage.app.page.getByRole('searchbox', { name: 'Find in this chat' }).fill('water')
      await expect(stage.app.page.getByRole('search', { name: 'Find in this chat' }).getByRole('status')).toContainText('of')
    },
  },
  {
    name: 'outline',
    over: true,
    async reach(stage) {
      await answered(stage)
      await stage.app.page.keyboard.press('Control+Shift+L')
      await expect(stage.app.page.locator('dialog [aria-current=true]')).toBeVisible()
    },
  },
  {
    name: 'branches',
    over: true,
    async reach(stage) {
      await answeredTwice(stage)
      await stage.app.page.getByRole('button', { name: 'Chat menu' }).click()
      await stage.app.page.getByRole('menuitem', { name: 'Branches of this chat' }).click()
      await expect(stage.app.page.getByRole('treeitem')).toHaveCount(2)
    },
  },
  {
    name: 'palette',
    over: true,
    async reach(stage) {
      await answered(stage)
      await stage.app.page.keyboard.press('Control+k')
      await expect(stage.app.page.getByRole('combobox')).toBeFocused()
    },
  },
  {
    name: 'shortcuts',
    over: true,
    async reach({ app }) {
      await app.open()
      await app.field.blur()
      await app.page.keyboard.press('?')
      await expect(app.page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    },
  },
  {
    name: 'thinking',
    async reach({ app, provider }) {
      await app.open()
      await app.send('Think aloud')
      const call = await provider.nextCall()
      call.reasoning('The moon pulls at the sea, and the sea follows it around the earth. That makes two tides a day.')
      await expect(app.answers.last()).toContainText('two tides')
    },
    leave: stopped,
  },
  {
    name: 'queue',
    async reach({ app, provider }) {
      await app.open()
      await app.send('When is high water?')
      const call = await provider.nextCall()
      call.text('One moment, I am looking it up.')
      await expect.poll(() => app.answerText()).toContain('looking')
      for (const [index, words] of ['And in Brest?', 'Then make a table of both for this week.'].entries()) {
        await app.field.fill(words)
        await app.field.press('Enter')
        await expect(app.page.locator('[data-queued]')).toHaveCount(index + 1)
      }
    },
    async leave(stage) {
      await stopped(stage)
      const waiting = stage.app.page.locator('[data-queued]')
      for (const left of [1, 0]) {
        await waiting.first().getByRole('button', { name: 'Remove' }).click()
        await expect(waiting).toHaveCount(left)
      }
    },
  },
  {
    name: 'editing',
    async reach(stage) {
      await answered(stage)
      await stage.app.field.press('ArrowUp')
      await expect(stage.app.page.getByRole('textbox', { name: 'Edit the message' })).toBeFocused()
    },
  },
  { name: 'versions', reach: answeredTwice },
  {
    name: 'timeline',
    over: true,
    async reach(stage) {
      await answered(stage)
      await stage.app.page.getByRole('button', { name: /Show the timeline/ }).press('Enter')
      await expect(stage.app.page.getByRole('dialog', { name: 'Timeline' })).toContainText('Completed')
    },
  },
  {
    name: 'search',
    async reach(stage) {
      await answered(stage, 'Where do okapis live?')
      await stage.app.page.getByRole('searchbox', { name: 'Search chats' }).fill('okap')
      await expect(stage.app.threads.locator('mark').first()).toBeVisible()
    },
  },
  {
    name: 'nothing-found',
    async reach({ app }) {
      await app.open()
      await app.page.getByRole('searchbox', { name: 'Search chats' }).fill('nowhere')
      await expect(app.page.getByText('Nothing found for “nowhere”.')).toBeVisible()
    },
  },
  {
    name: 'archive',
    async reach(stage) {
      const { page } = stage.app
      await answered(stage, 'What is a neap tide?')
      await page.getByRole('button', { name: 'Options for “What is a neap tide?”' }).first().click()
      await page.getByRole('menuitem', { name: 'Archive', exact: true }).click()
      await page.getByRole('button', { name: 'Archived' }).click()
      await expect(page.getByRole('navigation', { name: 'Chats' })).toContainText('What is a neap tide?')
      await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
    },
  },
  {
    name: 'arabic',
    async reach({ app, provider }) {
      const { page } = app
      await app.open('/#settings-language')
      await page.getByRole('dialog').getByText('العربية').click()
      await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
      await page.keyboard.press('Escape')
      // It gives the focus back when it is gone: a key that is pressed sooner would go elsewhere.
      await expect(page.getByRole('dialog')).toHaveCount(0)
      const field = page.getByRole('textbox', { name: 'الرسالة' })
      await field.fill('متى يكون المد؟')
      await field.press('Enter')
      const call = await provider.nextCall()
      call.text(`## المد والجزر\n\nيكون المد في بريست عند \`04:12\`.\n\n${markdown}`)
      call.finish()
      await app.ends('completed')
    },
    async leave({ app }) {
      await app.page.evaluate(() => {
        localStorage.clear()
        location.assign('/')
      })
      await expect(app.page.locator('html')).toHaveAttribute('dir', 'ltr')
    },
  },
  ...settings,
  {
    name: 'new-version',
    async reach({ app }) {
      await app.page.route('**/version.json', (route) => route.fulfill({ json: { entry: '/assets/index-newer.js' } }))
      await app.open()
      await app.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await expect(app.page.locator('[data-new-version]')).toBeVisible()
    },
    leave: ({ app }) => app.page.unrouteAll({ behavior: 'ignoreErrors' }),
  },
  {
    name: 'offline',
    async reach(stage) {
      await answered(stage)
      await stage.server.kill()
      await expect(stage.app.status).toContainText('The server does not answer')
    },
    leave: ({ server }) => server.restart(),
  },
]
