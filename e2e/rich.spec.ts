import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './fixtures.ts'
import type { App } from './app.ts'

/** What leaves the page for elsewhere, or would run, from before its first script. */
function watchForEvil(app: App): string[] {
  const evil: string[] = []
  app.page.on('request', (request) => { if (request.url().includes('evil')) evil.push(request.url()) })
  app.page.on('dialog', (dialog) => {
    evil.push(dialog.message())
    void dialog.dismiss()
  })
  app.page.context().on('page', (page) => evil.push(`opened ${page.url()}`))
  return evil
}

test('code is coloured where it is whole: its text, its copy and a selection in it stay what they are', async ({ app, provider }) => {
  await app.open()
  await app.send('Code')
  const call = await provider.nextCall()
  const source = `const a = "x\u202e\u200by" // why\n${'let b = /* c */ 1 '.repeat(12)}\nreturn null`
  call.text('First:\n\n```ts\n', source, '\n```\n\nThen:\n\n```json\n{"a": 1}\n```\n\nAnd this is open:\n\n```diff\n-old one\n+new')
  const answer = app.answers.last()
  const code = (language: string) => answer.locator(`figure[data-code=${language}] pre > code`)
  await expect(code('json').locator('.code-constant')).toHaveText('1')
  await expect(code('ts').locator('.code-keyword').first()).toHaveText('const')
  await expect(code('ts').locator('.code-comment').first()).toHaveText('// why')
  expect(await code('ts').evaluate((element) => element.textContent)).toBe(source)
  // What nobody sees is named, without a letter more.
  expect(await code('ts').locator('[data-hidden]').evaluateAll((marks) => marks.map((mark) => mark.getAttribute('data-hidden')))).toEqual(['RLO', 'ZWSP'])
  // A block that still grows is plain.
  await expect(code('diff')).toHaveText('-old one\n+new')
  expect(await code('diff').locator('[class^=code-]').count()).toBe(0)

  // While somebody selects in it, it stays as it is; then it is coloured too.
  const select = (element: Element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    getSelection()?.setBaseAndExtent(walker.nextNode() ?? element, 4, walker.currentNode, 7)
    return getSelection()?.toString()
  }
  expect(await code('diff').evaluate(select)).toBe(' on')
  call.text(' two\n```\n\nNow the last:\n\n```json\n{"b": true}\n```\n')
  call.finish()
  await app.ends('completed')
  await expect(code('json').last().locator('.code-constant')).toHaveText('true')
  expect(await app.page.evaluate(() => getSelection()?.toString())).toBe(' on')
  expect(await code('diff').locator('[class^=code-]').count()).toBe(0)
  await app.page.evaluate(() => getSelection()?.removeAllRanges())
  await expect(code('diff').locator('.code-deleted')).toHaveText('-old one')

  // The true bytes.
  await answer.getByRole('button', { name: 'Copy code' }).first().click()
  await expect.poll(() => app.page.evaluate(() => navigator.clipboard.readText())).toBe(source)

  // Long lines wrap on request, in all blocks and on the next visit.
  const wide = () => answer.locator('pre').first().evaluate((pre) => pre.scrollWidth > pre.clientWidth + 1)
  expect(await wide()).toBe(true)
  const wrap = answer.getByRole('button', { name: 'Wrap long lines' })
  await expect(wrap).toHaveCount(1)
  await wrap.click()
  expect(await wide()).toBe(false)
  await app.page.reload()
  await expect(code('ts').locator('.code-keyword').first()).toHaveText('const')
  expect(await wide()).toBe(false)
  expect(await code('ts').evaluate((element) => element.textContent)).toBe(source)
})

test('a diagram is drawn in a sandbox that reaches nothing, takes no more room than its source was given, and its source is one press away', async ({ app, provider, pageErrors, wire }) => {
  const evil = watchForEvil(app)
  await app.open()
  await app.send('Draw')
  const call = await provider.nextCall()
  const source = 'graph TD\n  A["<img src=https://evil.invalid/a onerror=alert(1)>Start"] --> B(End)\n  click A href "javascript:alert(2)"\n  click B call alert(3)'
  call.text('Here:\n\n```mermaid\n', source, '\n```\n\nBelow.\n\n```mermaid\n%%{init: {"securityLevel": "loose", "theme": "dark"}}%%\ngraph LR\n  A --> \n```\n\nThe end.')
  const answer = app.answers.last()
  const [drawn, broken] = [answer.locator('figure[data-code=mermaid]').first(), answer.locator('figure[data-code=mermaid]').last()]
  await expect(drawn).toHaveAttribute('data-diagram', /waiting|drawn/)
  const height = await drawn.evaluate((figure) => figure.getBoundingClientRect().height)
  // The first waits until Mermaid is loaded and compiled, in a process of its own.
  await expect(drawn).toHaveAttribute('data-diagram', 'drawn', { timeout: 60_000 })
  expect(await drawn.evaluate((figure) => figure.getBoundingClientRect().height)).toBe(height)
  const picture = drawn.getByRole('img', { name: 'Diagram (graph)' })
  await expect(picture).toBeVisible()
  expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(20)
  await expect(broken).toHaveAttribute('data-diagram', 'failed')
  await expect(broken.locator('pre')).toBeVisible()
  expect(await broken.getAttribute('data-diagram-problem')).toContain('This diagram has a mistake: Parse error')
  call.finish()
  await app.ends('completed')

  await drawn.getByRole('button', { name: 'Show source' }).click()
  await expect(drawn.locator('pre')).toBeVisible()
  await expect(picture).toBeHidden()
  await drawn.getByRole('button', { name: 'Show diagram' }).click()
  await expect(picture).toBeVisible()
  await drawn.getByRole('button', { name: 'Copy code' }).click()
  await expect.poll(() => app.page.evaluate(() => navigator.clipboard.readText())).toBe(source)
  expect(evil).toEqual([])

  // The frame itself, as if Mermaid had been taken over.
  const frame = app.page.frames().find((one) => one.url().includes('/sandbox/'))
  if (frame === undefined) throw new Error('There is no sandbox.')
  const policy = (await fetch(frame.url().replace(/^https?:\/\/[^/]+/, wire.url))).headers.get('content-security-policy') ?? ''
  for (const rule of ['sandbox allow-scripts', "default-src 'none'", "frame-ancestors 'self'"]) expect(policy).toContain(rule)
  const reached = await frame.evaluate(async (origin) => {
    const attempt = async (what: () => unknown) => {
      try {
        await what()
        return 'reached'
      } catch {
        return 'refused'
      }
    }
    const image = (src: string) => new Promise((resolve, reject) => {
      const made = new Image()
      made.onload = resolve
      made.onerror = reject
      made.src = src
    })
    const script = (src: string | null, text: string) => new Promise((resolve, reject) => {
      const made = document.createElement('script')
      made.onload = resolve
      made.onerror = reject
      if (src !== null) made.src = src
      made.textContent = text
      document.body.append(made)
      if (src === null) ((globalThis as { ran?: boolean }).ran === true ? resolve : reject)(null)
    })
    return {
      origin: globalThis.origin,
      page: await attempt(() => window.parent.document.title),
      storage: await attempt(() => window.localStorage.length),
      cookies: await attempt(() => document.cookie),
      network: await attempt(() => fetch(`${origin}/api/threads`)),
      socket: await attempt(() => new Promise((resolve, reject) => { const made = new WebSocket(origin.replace('http', 'ws')); made.onopen = resolve; made.onerror = reject })),
      image: await attempt(() => image(`${origin}/favicon.svg`)),
      script: await attempt(() => script(`${origin}/before-paint.js`, '')),
      inline: await attempt(() => script(null, 'globalThis.ran = true')),
      top: await attempt(() => { (window.top as Window).location.href = 'https://evil.invalid/' }),
      popup: await attempt(() => { if (window.open('https://evil.invalid/') === null) throw new Error('blocked') }),
    }
  }, wire.url)
  const { origin, ...rest } = reached
  expect(origin).toBe('null')
  expect(new Set(Object.values(rest))).toEqual(new Set(['refused']))
  expect(evil).toEqual([])
  // What it tried is reported, by the policies of that page, which know no 'self'.
  expect(pageErrors.filter((error) => error.includes("'self'"))).toEqual([])
  pageErrors.length = 0
})

test('formulas are drawn beside their source, which is what is copied; what they may not do, they do not', async ({ app, provider, pageErrors }) => {
  const evil = watchForEvil(app)
  await app.open()
  await app.send('Formulas')
  const call = await provider.nextCall()
  const text = [
    'So $x^2 \\vec{v}$ and', '$$\n\\sqrt{\\frac{1}{2}}\n$$', 'but not $\\frac{1$ and',
    '$\\href{javascript:alert(1)}{a}$ $\\htmlData{a=b}{c}$ $\\includegraphics{https://evil.invalid/a.png}$ $\\url{https://evil.invalid/}$', '$\\def\\a{\\a\\a}\\a$', 'the end',
  ].join('\n\n')
  call.text(...text.match(/[\s\S]{1,7}/g) ?? [])
  call.finish()
  await app.ends('completed')
  const answer = app.answers.last()
  await expect(answer.locator('[data-maths][data-drawn]').first()).toBeVisible()
  await expect(answer.locator('div[data-maths][data-drawn]').first()).toBeVisible()
  const drawn = await answer.locator('[data-maths]').evaluateAll((hosts) => hosts.map((host) => ({
    source: host.textContent,
    mathml: host.shadowRoot?.querySelector('math') !== undefined && host.shadowRoot?.querySelector('math') !== null,
    wide: (host.shadowRoot?.querySelector('.katex-html')?.getBoundingClientRect().width ?? 0) > 5,
    bad: host.shadowRoot?.querySelectorAll('a, img, script, iframe, [data-a]').length ?? 0,
  })))
  expect(drawn.find(({ source }) => source?.startsWith('x^2'))).toEqual({ source: 'x^2 \\vec{v}', mathml: true, wide: true, bad: 0 })
  expect(drawn.find(({ source }) => source?.startsWith('\\sqrt'))).toMatchObject({ mathml: true, wide: true })
  expect(drawn.every(({ bad }) => bad === 0)).toBe(true)
  // It is the fonts of this server that draw it.
  await expect.poll(() => app.page.evaluate(() => [...document.fonts].filter((font) => font.family.includes('KaTeX') && font.status === 'loaded').length)).toBeGreaterThan(0)

  // A selection over a formula is copied as it was written.
  await answer.locator('p').first().evaluate((paragraph) => getSelection()?.selectAllChildren(paragraph))
  await app.page.keyboard.press('ControlOrMeta+c')
  const copied = () => app.page.evaluate(() => navigator.clipboard.readText())
  await expect.poll(copied).toBe('So $x^2 \\vec{v}$ and')
  await answer.locator('div[data-maths]').first().hover()
  await answer.getByRole('button', { name: 'Copy formula' }).first().click()
  await expect.poll(copied).toBe('\\sqrt{\\frac{1}{2}}')
  expect(evil).toEqual([])
  expect(pageErrors).toEqual([])
})

test('a footnote leads to its note and back, a picture is fetched when it is asked for, and what nobody would see is named', async ({ app, provider }) => {
  const asked: string[] = []
  const remote = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.referer ?? 'no referrer'} ${request.headers.cookie ?? 'no cookie'}`)
    if (request.url === '/gone.svg') return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150"><rect width="300" height="150" fill="teal"/></svg>')
  })
  await new Promise<void>((listening) => { remote.listen(0, '127.0.0.1', listening) })
  try {
    const host = `127.0.0.1:${(remote.address() as AddressInfo).port}`
    await app.open()
    await app.send('Sources')
    const call = await provider.nextCall()
    const filler = Array.from({ length: 60 }, (_, n) => `Paragraph ${n} is here so that the notes are out of sight.`).join('\n\n')
    call.text(`[^far]: The far note.\n\nA claim.[^far]\n\n![A chart](http://${host}/chart.svg) ![](http://${host}/gone.svg)\n\n${filler}\n\nThe end, pay\u202epal.`)
    call.finish()
    await app.ends('completed')
    const answer = app.answers.last()
    const address = app.page.url()

    const reference = answer.locator('sup > a[aria-label="Footnote 1"]')
    const note = answer.locator('[data-footnote-text]')
    await reference.scrollIntoViewIfNeeded()
    await expect(note).not.toBeInViewport()
    await reference.click()
    await expect(note).toBeInViewport()
    await expect(note).toContainText('The far note.')
    const back = answer.locator('a[aria-label="Back to the text"]')
    await expect(back).toBeFocused()
    await app.page.keyboard.press('Enter')
    await expect(reference).toBeInViewport()
    await expect(reference).toBeFocused()
    expect(app.page.url()).toBe(address)

    await expect(answer.locator('[data-hidden]')).toHaveAttribute('data-hidden', 'RLO')
    const words = await answer.locator('[data-kind=text]').evaluate((part) => part.textContent)
    expect(asked).toEqual([])
    const picture = answer.getByRole('button', { name: `Show image “A chart” (${host})` })
    await picture.click()
    const frame = answer.locator('iframe[data-picture]')
    await expect.poll(() => frame.evaluate((one) => one.getBoundingClientRect().width / one.getBoundingClientRect().height)).toBeCloseTo(2, 1)
    expect(asked).toEqual(['/chart.svg no referrer no cookie'])
    await picture.click()
    await expect(frame).toHaveCount(0)
    const gone = answer.getByRole('button', { name: `Show image (${host})` })
    await gone.click()
    await expect(gone).toHaveAttribute('data-failed', 'The image did not load.')
    expect(await answer.locator('[data-kind=text]').evaluate((part) => part.textContent)).toBe(words)
  } finally {
    remote.close()
  }
})
