import { expect, test } from './fixtures.ts'
import { passesAxe } from './looks.ts'
import { views } from './views.ts'

const wide = { width: 1280, height: 800 }
const narrow = { width: 390, height: 844 }
const shares = 4

for (let share = 0; share < shares; share++) {
  test(`axe finds nothing on any view, wide or narrow, light or dark, share ${share + 1} of ${shares}`, async ({ app, provider, server, shown }) => {
    test.setTimeout(300_000)
    shown.mayLeave()
    const { page } = app
    const stage = { app, provider, server }
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const [index, view] of views.entries()) {
      if (index % shares !== share) continue
      await test.step(view.name, async () => {
        await page.setViewportSize(wide)
        await view.reach(stage)
        // Each view once wide and once narrow, once light and once dark; its neighbours have the other two pairs.
        const dark = Math.floor(index / shares) % 2 === 0 ? narrow : wide
        for (const viewport of [wide, narrow]) {
          const colorScheme = viewport === dark ? 'dark' : 'light'
          await page.setViewportSize(viewport)
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          await passesAxe(page, `${view.name}, ${viewport.width} px, ${colorScheme}`, view.over)
        }
        await page.setViewportSize(wide)
        await view.leave?.(stage)
      })
    }
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
      // Where one looks for words the ring is around the box that the field is in.
      const ringed = [node, ...(node.matches('[role=searchbox]') && node.parentElement !== null ? [node.parentElement] : [])].map((one) => getComputedStyle(one))
      const seen = ringed.some((style) => (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none') || node.closest('form') !== null
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
    // What can be done with a question shows once it is tapped.
    const edit = app.questions.getByRole('button', { name: 'Edit' })
    const seen = () => edit.evaluate((button) => getComputedStyle(button).opacity)
    expect(await seen()).toBe('0')
    await app.questions.locator('[data-part]').tap()
    await expect.poll(seen).toBe('1')
    await app.page.getByRole('button', { name: 'Show chats' }).tap()
    await expect(app.threads).toHaveCount(1)
    expect(await small()).toEqual([])
    await app.page.keyboard.press('Escape')
    await expect(app.threads).toHaveCount(0)
  } finally {
    await context.close()
  }
})

test('with reduced motion nothing moves by itself, and a theme that changes is there at once', async ({ app, provider }) => {
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
  await app.open()
  await app.send('Still')
  const call = await provider.nextCall()
  call.reasoning('thinking')
  await expect(app.answers.last()).toContainText('thinking')
  expect(await app.page.evaluate(() => document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations === Infinity).length)).toBe(0)
  await app.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  expect(await app.page.evaluate(() => {
    getComputedStyle(document.body).color.toString() // the theme takes hold
    return document.getAnimations().filter((animation) => animation instanceof CSSTransition).length
  })).toBe(0)
  call.finish()
})
