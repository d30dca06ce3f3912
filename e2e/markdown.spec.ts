import { readFileSync } from 'node:fs'
import { expect, test } from './fixtures.ts'
import { passesAxe } from './looks.ts'

const written = readFileSync(new URL('../test/client/markdown/document.md', import.meta.url), 'utf8')
/** Definitions first: what waits for one changes when it comes, and what is shown here may only grow. */
const [body = '', definitions = ''] = written.split(/\n(?=\[ref\]:)/)
const answer = `A first paragraph that is finished soon.\n\n${definitions}\n\n${Array.from({ length: 4 }, () => body).join('\n\n')}\n\nThe very end.`

interface Watched { removed: number; finished: string[]; flashes: string[]; frames: number }
declare global {
  interface Window { watchedMarkdown?: Watched; kept?: Element[] }
}

/** Runs in the page: counts nodes that leave a live answer, and frames that show raw marks. */
function watch(): void {
  const part = [...document.querySelectorAll('article[data-role=assistant] [data-kind=text]')].at(-1)
  if (part === undefined) throw new Error('No answer to watch.')
  const seen: Watched = { removed: 0, finished: [], flashes: [], frames: 0 }
  window.watchedMarkdown = seen
  const blockOf = (node: Node): Element | null => {
    const element = node instanceof Element ? node : node.parentElement
    return element?.closest('[data-page] > *') ?? null
  }
  new MutationObserver((records) => {
    for (const record of records) {
      // Colours, buttons and drawings come to finished code and formulas later; that they change no text is another test's matter.
      const target = record.target instanceof Element ? record.target : record.target.parentElement
      if (target !== null && target.closest('pre > code [data-chunk], [data-maths], figcaption') !== null) continue
      seen.removed += record.removedNodes.length
      const block = blockOf(record.target)
      const behind = block === null ? record.nextSibling : block.nextElementSibling
      if (record.removedNodes.length > 0 && block !== null && behind !== null && !block.contains(record.nextSibling)) seen.finished.push(block.outerHTML.slice(0, 120))
    }
  }).observe(part, { childList: true, subtree: true })
  const look = () => {
    seen.frames++
    const blocks = [...part.querySelectorAll('[data-page] > *')].slice(-3)
    const text = blocks.map((block) => {
      const copy = block.cloneNode(true) as Element
      for (const code of copy.querySelectorAll('code, [data-html], [data-maths]')) code.remove()
      return copy.matches('[data-html]') ? '' : copy.textContent
    }).join('\n')
    if (/\*\*|```|~~|\]\(|\|\s*:?-|(?:^|\n)#/.test(text)) seen.flashes.push(text.slice(-80))
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

test('a live answer shows no raw mark, removes nothing that is finished, keeps a selection, and settles without replacing a node', async ({ app, provider, asked }) => {
  await app.open()
  await app.send('Write')
  const call = await provider.nextCall()
  const first = answer.indexOf('\n\n') + 4
  call.text(answer.slice(0, first))
  await expect.poll(() => app.answerText()).toContain('finished soon.')
  await app.page.evaluate(watch)
  await app.page.evaluate(() => {
    const paragraph = [...document.querySelectorAll('article[data-role=assistant] p')].at(-1)?.firstChild
    if (paragraph === null || paragraph === undefined) throw new Error('No paragraph to select in.')
    getSelection()?.setBaseAndExtent(paragraph, 2, paragraph, 17)
  })
  for (let at = first; at < answer.length; at += 120) {
    const piece = answer.slice(at, at + 120)
    call.text(...(piece.match(/[\s\S]{1,7}/g) ?? []))
    const frames = await app.page.evaluate(() => window.watchedMarkdown?.frames ?? 0)
    await app.page.waitForFunction((before) => (window.watchedMarkdown?.frames ?? 0) > before + 1, frames)
  }
  await expect.poll(() => app.answerText()).toContain('The very end.')
  await app.page.evaluate(() => {
    window.kept = [...document.querySelectorAll('article[data-role=assistant] [data-kind=text] *')].filter((element) => (element.parentElement?.closest('figure, [data-maths]') ?? null) === null)
  })
  call.finish()
  await app.ends('completed')
  await asked.settled(app.thread())
  await expect.poll(() => app.page.evaluate((thread) => sessionStorage.getItem(`lg:stream:${thread}`), app.thread())).toBeNull()

  const seen = await app.page.evaluate(() => window.watchedMarkdown)
  expect(seen?.flashes).toEqual([])
  expect(seen?.finished).toEqual([])
  expect(seen?.removed).toBeLessThanOrEqual(5 * answer.length / 1000)
  expect(seen?.frames).toBeGreaterThan(20)
  expect(await app.page.evaluate(() => getSelection()?.toString())).toBe('first paragraph')
  expect(await app.page.evaluate(() => {
    const now = [...document.querySelectorAll('article[data-role=assistant] [data-kind=text] *')].filter((element) => (element.parentElement?.closest('figure, [data-maths]') ?? null) === null)
    return window.kept !== undefined && now.length === window.kept.length && now.every((element, index) => element === window.kept?.[index])
  })).toBe(true)

  // Read again from the server, it is the same, node for node.
  const drawn = () => app.page.evaluate(() => {
    const read = (node: Node): string => {
      if (!(node instanceof Element)) return node.textContent ?? ''
      if (node.matches('figure, [data-maths]')) return `<${node.localName} ${node.getAttribute('data-code') ?? ''}>${node.querySelector('pre > code')?.textContent ?? node.textContent}</>`
      const attributes = node.getAttributeNames().sort().map((name) => `${name}=${node.getAttribute(name)}`)
      return `<${node.localName} ${attributes.join(' ')}>${[...node.childNodes].map(read).join('')}</>`
    }
    return [...document.querySelectorAll('article[data-role=assistant] [data-kind=text] [data-page]')].map(read)
  })
  const live = await drawn()
  await app.page.reload()
  await expect.poll(() => app.answerText()).toContain('The very end.')
  await expect.poll(drawn).toEqual(live)
})

test('a long answer is one paragraph, one list, one table and one code block to whoever hears or copies it, however it is cut', async ({ app, provider }) => {
  const { page } = app
  const paragraph = Array.from({ length: 900 }, (_, index) => `word${index}`).join(' ')
  const some = (make: (index: number) => string) => Array.from({ length: 120 }, (_, index) => make(index))
  const lines = some((index) => `line(${index})`)
  await app.open()
  await app.send('At length')
  const call = await provider.nextCall()
  call.text([paragraph, some((index) => `${index + 1}. item ${index}`).join('\n'), `| name | count |\n| --- | --: |\n${some((index) => `| row ${index} | ${index} |`).join('\n')}`, `\`\`\`text\n${lines.join('\n')}\n\`\`\``, 'The end.'].join('\n\n'))
  call.finish()
  await app.ends('completed')
  const text = app.answers.last().locator('[data-part][data-kind=text]')
  const heard = await text.ariaSnapshot()
  expect(heard.match(/^- list:/gm)).toHaveLength(1)
  expect(heard.match(/- listitem:/g)).toHaveLength(120)
  await passesAxe(app.page, 'a list in parts')
  expect(await text.locator('ol > li').first().evaluate((item) => getComputedStyle(item).listStyleType)).toBe('decimal')

  // Copying is taken over once what enriches finished text is there.
  await expect(text.locator('figure button').first()).toBeAttached()
  await text.evaluate((element) => getSelection()?.selectAllChildren(element))
  await expect(async () => {
    await page.keyboard.press('Control+c')
    const plain = (await page.evaluate(() => navigator.clipboard.readText())).replaceAll('\r\n', '\n')
    expect(plain.split('\n\n').slice(0, 3)).toEqual([paragraph, some((index) => `item ${index}`).join('\n'), ['name\tcount', ...some((index) => `row ${index}\t${index}`)].join('\n')])
    expect(plain).toContain(`\n\n${lines.join('\n')}\n\nThe end.`)
  }).toPass()
  const html = await page.evaluate(async () => (await (await navigator.clipboard.read())[0]?.getType('text/html'))?.text() ?? '')
  const count = (tag: string) => html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0
  expect([count('ol'), count('li'), count('table'), count('pre'), count('p')]).toEqual([1, 120, 1, 1, 122])
  expect(html).not.toMatch(/style=|data-|<div|<span/)
})
