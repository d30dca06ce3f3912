import { describe, expect, it } from 'vitest'
import { inParagraphs, placeOfWords, shownText } from '../../src/shared/shown-text.ts'

describe('what is drawn of markdown', () => {
  it.each([
    ['**fo**o and f*o*o, ~~f~~oo', 'foo and foo, foo'],
    ['[fo](https://x.example/y_(z) "title")o, ![a *picture*](p.png), <https://a.example/>', 'foo, a picture, https://a.example/>'],
    ['snake_case stays, _em_ does not, a * b stays', 'snake_case stays, em does not, a * b stays'],
    ['`a*b*` and ``c`d``', 'a*b* and c`d'],
    ['# Title\n\n- [x] done\n  1. one\n> said', 'Title\ndone one said'],
    ['```js\nlet *a* = [1](2)\n```\nafter **x**', 'let *a* = [1](2)\nafter x'],
    ['~~~\nan open *fence*', 'an open *fence*'],
    ['| *a* | b |\n|:--|--:|\n| c | d |', '| a | b |\n| c | d |'],
    ['H<sub>2</sub>O &amp; \\*salt\\*', 'H2O & *salt*'],
    ['See [the *map*][1].\n\n[1]: https://x.example/tide "Ebb"\n[the sea]: <https://sea.example>\n[^1]: a note', 'See [the map][1].\n[^1]: a note'],
    ['[ ]: not one\n\n[so]: it is said', '[ ]: not one\n[so]: it is said'],
    ['two lines\nof one paragraph\n\n\nand another', 'two lines of one paragraph\nand another'],
  ])('%j', (source, drawn) => expect(inParagraphs(shownText(source))).toBe(drawn))

  it('is told of hostile text in one pass', () => {
    for (const unit of ['`a ``b ```c\n', '[', '[a](', '*a ', '```\n', '_a', '\n \n', '<http://', '- ', '|---', '\\', '\n[a]: b', '[a]:']) {
      const text = unit.repeat(60_000)
      // A pass that went back for each mark would take hours.
      expect(shownText(text).length).toBeLessThanOrEqual(text.length)
    }
  })
})

describe('words', () => {
  const found = (source: string, words: string) => placeOfWords(inParagraphs(shownText(source)), words, true)

  it('are found across marks and lines, whatever their case, and not in an address', () => {
    expect(found('The **ti**de, [here](https://tide.example/ebb)', 'TIDE, here')).toBe(4)
    expect(found('high\nwater', 'high  water')).toBe(0)
    expect(found('The **ti**de, [here](https://tide.example/ebb)', 'ebb')).toBe(-1)
    expect(found('high\n\nwater', 'high water')).toBe(-1)
    expect(found('tide', ' ')).toBe(-1)
  })
  it('that hold marks are found whether these are drawn or not', () => {
    expect(found('5*x is *much*', '5*x')).toBe(0)
    expect(found('snake_case', 'snake_case')).toBe(0)
    expect(placeOfWords('**as typed**', '**as', false)).toBe(0)
  })
})
