/** What is added to what is final: colours, formulas, diagrams. Each comes when it comes; until then, and without it, the source stays readable. */
export interface Rich {
  /**
   * A chunk of a code block whose text will not change any more; the chunks of one block come in order. `code` is the block's
   * `<code>` element and identifies it; the `textContent` of its chunks, joined, is the exact source. Must not change the text.
   */
  chunk(chunk: HTMLElement, code: HTMLElement, language: string): void
  /** The code block is closed, so a diagram can be drawn. `figure` is the block's element, `source` its exact text. */
  closed(figure: HTMLElement, language: string, source: string): void
  /** A closed formula: `host` holds its source, without the marks around it, as text. */
  maths(host: HTMLElement, source: string, display: boolean): void
}
