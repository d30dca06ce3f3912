/** Markdown that nobody would write, out of the pieces that documents are made of. */
import fc from 'fast-check'

const words = ['a', 'foo', 'bar baz', 'é', '🙂', 'x1', 'snake_case', '2 * 3', 'a.b', 'http://e.org/a_b', 'www.e.org', 'm@e.org', 'z  ', '&amp;', '&#35;', '$5', '~5']
const marks = ['*', '**', '***', '_', '__', '~', '~~', '`', '``', '[', ']', '](/u)', '](http://e.org "t")', '![', '[r]', '[R][]', '[x][r]', '[^n]', '<', '>', '<b>', '</b>', '<sub>', '</sub>', '<br>', '<http://e.org>', '\\', '\\*', '\\(', '\\)',
  '$', '$$', '|', '!', '(', ')', ':', '"', "'", '  \n', '\\\n', '#', '-', '=', '+', '1.', '\t']
const starts = ['', '', '', '', '# ', '## ', '####### ', '- ', '- ', '* ', '+ ', '1. ', '2) ', '10. ', '> ', '> ', '>', '  ', '   ', '    ', '\t', '- [ ] ', '- [x] ', '  - ', '    - ', '```', '```ts', '~~~', '````', '---', '***', '===', '| ', '|', ': ',
  '[r]: ', '[r]: /u', '[^n]: ', '[^m]: ', '<div>', '</div>', '<!--', '-->', '<script>', '<pre>', '$$', '\\[', '\\]', '> [!NOTE]', '[!TIP]', '#', '-', '=', '1.', '[x', '"t']
const lines = ['| a | b |', '|---|---|', '| - | :-: |', '--|--', '| `x|y` | **b |', '- [ ] task', '- item', '  continued', 'lazy', '> quote', '> - in quote', '>> deep', '```', '~~~', '    code', '\tcode', '# h', 'h\n---', 'h\n===', '***', '[r]: http://e.org/r', '[R]: <b> \'t\'',
  '[^n]: note', '    more', '<div>', '<!-- c', 'c -->', '$$', '\\[', '\\]', 'x^2 $$', '$$ \\a', '1. one', '2. two', '   - three', '> [!NOTE]', '> [!warning]', '| only |', ' ', '  ', '\t', '>', '-', '- ', '1.', '+ ', '=', 'a | b']

const piece = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, { weight: 3, arbitrary: fc.constantFrom(...marks) }, { weight: 2, arbitrary: fc.constant(' ') })
const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.array(fc.constantFrom(...starts), { maxLength: 3 }), fc.array(piece, { maxLength: 7 })).map(([begin, rest]) => begin.join('') + rest.join('')) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('', '', '', '  ', '> ', '   ', '- ', '    '), fc.constantFrom(...lines)).map(([begin, rest]) => begin + rest) },
  { weight: 2, arbitrary: fc.constant('') },
)
/** A sentence long enough for a checkpoint to be looked for. */
const long = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom('some plain words', 'and others that follow', 'of 3 kinds,') }, { weight: 1, arbitrary: piece }), { minLength: 20, maxLength: 60 }).map((parts) => parts.join(' '))
/** As a model writes it. */
const usual = fc.constantFrom('## Title', 'Some **bold** text with `code` and [a link](https://e.org).', '1. First **item**\n2. Second\n   - nested\n   - more\n\n   para', '```ts\nconst a = 1\n\nlet b\n```', '| a | b |\n|---|--:|\n| 1 | *2* |\n| 3 | 4 |',
  '> a quote\n> goes on\n>\n> - list', '- a\n- b\n  continued\n- c', 'Euler: $e^{i\\pi}=-1$ and\n\n$$\n\\int x\n$$\n\nend', 'See [r] and [x][r].[^n]', '[r]: http://e.org/r', '[^n]: A note\n    with more.', '- [ ] do\n- [x] done')

export const nasty = fc.tuple(
  fc.array(fc.oneof({ weight: 8, arbitrary: line }, { weight: 1, arbitrary: long }, { weight: 2, arbitrary: usual }), { minLength: 1, maxLength: 12 }),
  fc.constantFrom('\n', '\n', '\n', '\n\n'),
).map(([all, between]) => all.join(between))
