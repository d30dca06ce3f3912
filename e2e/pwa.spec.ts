import { expect, test } from './fixtures.ts'

test.use({ serviceWorkers: 'allow' })

test('once opened, the page opens without the server and says so, keeps nothing of what it showed, and goes on when the server is back', async ({ app, provider, server, asked }) => {
  const { page } = app
  await app.open()
  expect(await page.locator('link[rel=manifest]').getAttribute('href')).toBe('/holdfast.webmanifest')
  await app.send('Keep this')
  const call = await provider.nextCall()
  call.text('Kept by the server.')
  call.finish()
  await app.ends('completed')
  await asked.settled(app.thread())
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    if (navigator.serviceWorker.controller === null) await new Promise((taken) => navigator.serviceWorker.addEventListener('controllerchange', taken, { once: true }))
  })
  await server.kill()
  await page.reload()
  await expect(app.field).toBeVisible()
  await expect(app.status).toContainText('The server does not answer')
  const kept = await page.evaluate(async () => {
    const caches_ = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
    return caches_.flat().map((request) => new URL(request.url).pathname)
  })
  expect(kept).toContain('/')
  expect(kept.filter((path) => path.startsWith('/api'))).toEqual([])
  await server.restart()
  await app.shows('Kept by the server.')
  await expect(app.status).not.toContainText('The server does not answer')
})

test('a new version is offered when the answer is done, never in the middle of it, and the reload loses nothing', async ({ app, provider, server }) => {
  const { page } = app
  await app.open()
  await app.send('Go on')
  const call = await provider.nextCall()
  call.text('One')
  await app.shows('One')
  // The server comes back with another build: a page asks which it is as soon as it hears from it again.
  await page.route('**/version.json', (route) => route.fulfill({ json: { entry: '/assets/index-newer.js' } }))
  const told = page.waitForResponse('**/version.json')
  const offer = page.locator('[data-new-version]')
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await told
  call.text(', two')
  await app.shows('One, two')
  await expect(offer).toHaveCount(0)
  call.finish()
  await app.ends('completed')
  await expect(offer).toContainText('A new version is ready.')
  await page.unroute('**/version.json')
  await offer.getByRole('button', { name: 'Reload' }).click()
  await app.shows('One, two')
  await expect(offer).toHaveCount(0)
  expect(server.running).toBe(true)
})
