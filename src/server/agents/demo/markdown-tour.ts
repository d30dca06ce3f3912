/** Every kind of markdown once, in the order in which a reader meets it. */
export const markdownTour = String.raw`# A tour of the formatting

Text can be **bold**, *italic*, ***both***, ~~struck out~~ or ${'`'}code${'`'}. A line can be broken  
by hand, and characters can be escaped: \*not italic\*.

## Lists

1. First, something numbered
2. then something nested:
   - a bullet
   - another, with **bold** text
     - and one level deeper
3. and back again.

- [x] written to the journal
- [x] shown in the page
- [ ] forgotten

### A table

| Fault | What you notice | Kept |
|:--|:-:|--:|
| reload | nothing | 100 % |
| lost network | “Reconnecting” after 2 s | 100 % |
| killed server | a note that the run was interrupted | 100 % |

### Quotes

> An end is said, not guessed.
>
> > The socket closed: that says nothing.

> [!NOTE]
> Alerts stand out: note, tip, important, warning, caution.

> [!WARNING]
> A wide margin is not a promise.

### Code

${'```'}typescript
/** Counts code points, not UTF-16 units: "👩‍🚀" is one picture, three code points, five units. */
export function countCodePoints(text: string): number {
  return [...text].length
}
${'```'}

${'```'}python
def fibonacci(n: int) -> list[int]:
    a, b, out = 0, 1, []
    while len(out) < n:
        out.append(a)
        a, b = b, a + b
    return out

print(fibonacci(10))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
${'```'}

${'```'}sql
SELECT thread, count(*) AS runs
FROM run
WHERE outcome = 'completed'
GROUP BY thread
ORDER BY runs DESC
LIMIT 10;
${'```'}

${'```'}
No language here: just   spaces   kept   as they are.
A very long line scrolls inside its own block instead of pushing the page sideways: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789
${'```'}

### A diagram

${'```'}mermaid
sequenceDiagram
  participant Agent
  participant Journal
  participant Browser
  Agent->>Journal: a piece of text
  Journal->>Journal: commit
  Journal->>Browser: the same piece, once
  Note over Browser: reload
  Browser->>Journal: what came after 17?
  Journal-->>Browser: 18, 19, 20
${'```'}

### Links

A [link to example.org](https://example.org "An example"), a bare one, https://example.org/a_b(c), and one by reference: [the same place][1].

[1]: https://example.org

### Mathematics

Inline $e^{i\pi} + 1 = 0$ is a formula, $5 and $10 are prices, and a block stands by itself:

$$
\sum_{k=1}^{n} k = \frac{n(n+1)}{2}, \qquad \int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
$$

### Footnotes

Every event is committed before anybody sees it.[^commit]

[^commit]: In the journal, which is one SQLite file.

### Awkward characters

Emoji 🎉 👩‍🚀 🏳️‍🌈 👍🏽, accents café, naïve, Ærøskøbing, 日本語, العربية, and <b>HTML that stays text</b> &amp; entities.

---

That was all of it. 
`
