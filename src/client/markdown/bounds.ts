/** How much is read as a whole: so what nobody writes costs no more than what people do. Beyond these the reading is ours, not marked's. */

/** Of a block that no reader takes as it comes; what is longer is cut. */
export const LONGEST_READ = 8_000
/** A line is what its first characters, so many, make it. */
export const LONGEST_LINE = 1_000

/** How much of a text that is longer than `LONGEST_READ` is read: up to the last line end there is, or to the character. */
export function readEnd(text: string): number {
  const newline = text.lastIndexOf('\n', LONGEST_READ - 1)
  if (newline >= 0) return newline + 1
  return text.charCodeAt(LONGEST_READ - 1) >> 10 === 0x36 ? LONGEST_READ - 1 : LONGEST_READ
}

/** A line that begins like this goes on with a paragraph or begins one, whatever else is in it. */
export const plain = /^ {0,3}[^\s#>\-+*_=`~<|:[\]$\\\d]/
