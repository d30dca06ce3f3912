import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures.ts'
import type { App } from './app.ts'

const markdown = '# Title\n\nSome *text* with `code` and a [link](https://example.org/).\n\n- [x] done\n- [ ] open\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n\n```ts\nconst a = 1\n```\n'

/** `open`: something lies over the page, in a portal of its own, which the rule about landmarks does not know. */
async function passesAxe(app: App, where: string, open = false): Promise<void> {
  // Colours that are still fading would be measured half-way.
  await app.page.evaluate(() => Promise.all(document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity).map((animation) => animation.finished.catch(String))))
  const { violations } = await new AxeBuilder({ page: app.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).disableRules(open ? ['region'] : []).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('\n')}`), where).toEqual([])
}

for (const scheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of [['wide', { width: 1280, height: 800 }], ['phone', { width: 390, height: 844 }]] as const) {
    test(`axe finds nothing on the main views, ${scheme}, ${size}`, async ({ app, provider }) => {
      await app.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await app.page.setViewportSize(viewport)
      await app.open()
      await passesAxe(app, 'welcome')
      await app.send('Show me everything')
      const call = await provider.nextCall()
      call.reasoning('Let me think.')
      call.text(markdown)
      await expect.poll(() => app.answerText()).toContain('quote')
      await passesAxe(app, 'streaming')
      call.toolCall('calculator', ['{"expression":"6*7"}'])
      call.finish('tool_calls')
      const next = await provider.nextCall()
      await app.answers.last().locator('[data-kind=tool]').getByRole('button').first().click()
      await passesAxe(app, 'a tool call, open')
      next.text('It is 42.')
      next.finish()
      await app.ends('completed')
      await passesAxe(app, 'completed')
      if (size === 'phone') await app.page.getByRole('button', { name: 'Show chats' }).click()
      await passesAxe(app, 'the list of chats')
      await app.page.getByRole('button', { name: /^Options for/ }).click()
      await expect(app.page.getByRole('menu')).toBeVisible()
      await passesAxe(app, 'a menu', true)
    })
  }
  test(`axe finds nothing on an approval and an error card, ${scheme}`, async ({ app, provider }) => {
    await app.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await app.open()
    await app.send('Fail')
    const call = await provider.nextCall()
    call.text('Half')
    await app.shows('Half')
    call.reset()
    await expect(app.page.locator('[data-outcome=failed]')).toBeVisible()
    await passesAxe(app, 'an error card')
    await app.page.getByRole('button', { name: 'New chat' }).first().click()
    await app.page.getByRole('button', { name: /^Agent:/ }).click()
    await passesAxe(app, 'the agent picker', true)
    await app.page.getByRole('menuitemradio', { name: /Demo/ }).first().click()
    await app.send('Ask me for approval, fast')
    await expect(app.page.getByRole('button', { name: 'Approve' })).toBeVisible({ timeout: 20_000 })
    await passesAxe(app, 'an approval')
  })
}

test('a screen reader hears “Generating”, then the answer once; streamed text is in no live region', async ({ app, provider }) => {
  await app.open()
  await app.send('Speak')
  const call = await provider.nextCall()
  call.text('Spoken words.')
  await app.shows('Spoken words.')
  await expect(app.status).toContainText('Generating')
  await expect(app.status).not.toContainText('Spoken')
  expect(await app.answers.last().evaluate((node) => node.closest('[aria-live], [role=log], [role=status], [role=alert]'))).toBeNull()
  call.finish()
  await expect(app.status).toContainText('Spoken words.')
})

test('everything is reached by keyboard, and focus is seen', async ({ app, provider }) => {
  await app.open()
  await app.send('Keys')
  const call = await provider.nextCall()
  call.text('Done.')
  call.finish()
  await app.ends('completed')
  const reached: string[] = []
  const unseen: string[] = []
  for (let i = 0; i < 30; i++) {
    await app.page.keyboard.press('Tab')
    const now = await app.page.evaluate(() => {
      const node = document.activeElement as HTMLElement
      const style = getComputedStyle(node)
      const seen = (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none' || node.closest('form') !== null
      return { name: node.getAttribute('aria-label') ?? node.textContent.trim().slice(0, 40), tag: node.tagName, seen }
    })
    reached.push(now.name)
    if (!now.seen && now.tag !== 'BODY') unseen.push(`${now.tag} ${now.name}`)
  }
  for (const name of ['New chat', 'Message', 'Conversation', 'Copy']) expect(reached).toContain(name)
  expect(reached.join('\n')).toMatch(/Agent:/)
  expect(reached.join('\n')).toMatch(/Options for/)
  expect(unseen).toEqual([])
})

test('the chosen theme is on the page before its first paint', async ({ app }) => {
  await app.page.emulateMedia({ colorScheme: 'light' })
  await app.open()
  await app.page.getByRole('button', { name: 'Appearance' }).click()
  await app.page.getByRole('menuitemradio', { name: 'Dark' }).click()
  const background = () => app.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await background()
  await app.page.addInitScript(() => {
    const themes: (string | undefined)[] = []
    Object.assign(window, { themes })
    new PerformanceObserver((list) => {
      if (list.getEntries().length > 0) themes.push(document.documentElement.dataset['theme'])
    }).observe({ type: 'paint', buffered: true })
    document.addEventListener('DOMContentLoaded', () => themes.push(document.documentElement.dataset['theme']))
  })
  await app.page.reload()
  await expect(app.field).toBeVisible()
  await expect.poll(() => app.page.evaluate(() => (window as unknown as { themes: string[] }).themes)).toContain('dark')
  expect(new Set(await app.page.evaluate(() => (window as unknown as { themes: string[] }).themes))).toEqual(new Set(['dark']))
  expect(await background()).toBe(dark)
})

test('on a phone the list is a drawer, inputs are at least 16 px, targets at least 44 px, and nothing scrolls sideways', async ({ browser, server, wire, watched, provider }) => {
  if (!server.running) throw new Error('The server does not run.')
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 })
  try {
    await watched(context)
    const { createApp } = await import('./app.ts')
    const app = createApp(await context.newPage(), () => wire.url)
    await app.open()
    await expect(app.threads).toHaveCount(0)
    await app.send('On the phone')
    const call = await provider.nextCall()
    call.text('Wide code:\n\n```\n', 'x'.repeat(300), '\n```\n\n', `| ${Array.from({ length: 12 }, (_, i) => `column ${i}`).join(' | ')} |\n|${'---|'.repeat(12)}\n`, 'A very-long-word-', 'o'.repeat(120), '.')
    call.finish()
    await app.ends('completed')
    expect(await app.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    expect(await app.scroller.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeLessThanOrEqual(0)
    expect(await app.field.evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize))).toBeGreaterThanOrEqual(16)
    const small = () => app.page.evaluate(() => [...document.querySelectorAll<HTMLElement>('button, nav a, textarea')].filter((node) => node.checkVisibility() && node.closest('[inert]') === null).flatMap((node) => {
      const box = node.getBoundingClientRect()
      const name = node.getAttribute('aria-label') ?? node.textContent
      return box.width === 0 || (box.width >= 43.5 && box.height >= 43.5) ? [] : [`${name} ${Math.round(box.width)}×${Math.round(box.height)}`]
    }))
    expect(await small()).toEqual([])
    await app.page.getByRole('button', { name: 'Show chats' }).tap()
    await expect(app.threads).toHaveCount(1)
    expect(await small()).toEqual([])
    await app.page.keyboard.press('Escape')
    await expect(app.threads).toHaveCount(0)
  } finally {
    await context.close()
  }
})

test('with reduced motion nothing moves by itself', async ({ app, provider }) => {
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
  await app.open()
  await app.send('Still')
  const call = await provider.nextCall()
  call.reasoning('thinking')
  await expect(app.answers.last()).toContainText('thinking')
  expect(await app.page.evaluate(() => document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations === Infinity).length)).toBe(0)
  call.finish()
})
