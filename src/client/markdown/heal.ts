/**
 * Makes half-typed markdown presentable: what is still open at the end of a growing text is drawn as if it were closed, and a mark
 * of which nobody knows yet what it will be is held back. Applied to open text only; closed text is drawn exactly as it is.
 */
export function heal(source: string): string {
  const { fence, blockStart } = lastBlock(source)
  if (fence !== null) return holdBackFence(source, fence)
  const held = holdBackMark(source)
  const head = held.slice(0, blockStart)
  return head + closeInline(closeTable(closeLink(held.slice(blockStart))))
}

/** The fence that is open at the end, if any, and where the last block (text behind the last blank line) begins. */
function lastBlock(source: string): { readonly fence: string | null; readonly blockStart: number } {
  let fence: string | null = null
  let blockStart = 0
  for (let at = 0; at < source.length; ) {
    const newline = source.indexOf('\n', at)
    const end = newline < 0 ? source.length : newline
    const line = source.slice(at, end)
    const next = end + 1
    if (fence === null) {
      const opened = /^ {0,3}(?:(?:[-*+>]|\d{1,9}[.)]) {0,4})*\s*(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1]
      if (opened !== undefined) fence = opened
      else if (line.trim() === '' && newline >= 0) blockStart = next
    } else if (new RegExp(`^[ >]*${fence.charAt(0)}{${fence.length},}\\s*$`).test(line) && newline >= 0) {
      fence = null
      blockStart = next
    } else if (newline < 0 && new RegExp(`^[ >]*${fence.charAt(0)}{${fence.length},}\\s*$`).test(line)) {
      fence = null
      blockStart = source.length
    }
    at = next
  }
  return { fence, blockStart: Math.min(blockStart, source.length) }
}

/** A line of one or two backticks at the end of an open fence is the beginning of its end. */
function holdBackFence(source: string, fence: string): string {
  const start = source.lastIndexOf('\n') + 1
  const line = source.slice(start).trim()
  return line !== '' && line.length < fence.length && line === fence.charAt(0).repeat(line.length) ? source.slice(0, start) : source
}

/** A last line that is nothing but a mark (`#`, `-`, `1.`, `>`, `` `` ``, `=`, `|`), or a link definition, which shows nothing when whole. */
function holdBackMark(source: string): string {
  const start = source.lastIndexOf('\n') + 1
  const line = source.slice(start)
  if (/^ {0,3}\[[^\]\n]+\]:/.test(line)) return source.slice(0, start)
  return /^\s*(?:>\s*)*(?:#{1,6}|[-*+_=~`|\s]+|[-*+] \[[ xX]?\]?|\d{1,9}[.)]|(?:[-*+]|\d{1,9}[.)])\s+(?:[-*+#>`_~|]+|\[[ xX]?\]?))?\s*$/.test(line)
    ? source.slice(0, start) : source
}

/** No link is longer; and looking further back would cost the square of the text. */
const LONGEST_LINK = 2000

/** `[text](http://exa` and `[text` show their text; an image that is not complete shows nothing. */
function closeLink(block: string): string {
  const cut = Math.max(0, block.length - LONGEST_LINK)
  return block.slice(0, cut) + block.slice(cut)
    .replace(/!\[[^\]\n]*(?:\](?:\((?:[^()\n]|\([^()\n]*\)?)*)?)?$/, '')
    .replace(/(^|[^\\])\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\)?)*$/, '$1$2')
    .replace(/(^|[^\\\]])\[([^\]\n]*)$/, '$1$2')
}

/** A header row, alone or with half a delimiter row, is drawn as a table. */
function closeTable(block: string): string {
  const lines = block.split('\n')
  const row = lines.findIndex((line) => line.trimStart().startsWith('|'))
  const header = lines[row]
  if (header === undefined || (row > 0 && lines[row - 1]?.trim() !== '')) return block
  const rest = lines.slice(row + 1)
  if (rest.length > 1 || (rest.length === 1 && !/^[\s|:-]*$/.test(rest[0] ?? ''))) return block
  const whole = header.trimEnd().endsWith('|') && header.trim().length > 1 ? header.trimEnd() : `${header.trimEnd()} |`
  const cells = whole.trim().slice(1, -1).split(/(?<!\\)\|/).length
  return [...lines.slice(0, row), whole, `|${' --- |'.repeat(cells)}`].join('\n')
}

/** Closes code spans, strong, emphasis and strike-through that are open at the end; drops a mark with nothing behind it. */
function closeInline(block: string): string {
  const open: string[] = []
  let textSince = true
  for (let at = 0; at < block.length; ) {
    const char = block.charAt(at)
    if (char === '\\') {
      at += 2
      textSince = true
      continue
    }
    const run = /^(?:`+|\*{1,3}|_{1,3}|~{1,2})/.exec(block.slice(at, at + 40))?.[0]
    if (run === undefined) {
      textSince = true
      at += 1
      continue
    }
    if (run.startsWith('`')) {
      const close = closingTicks(block, at + run.length, run.length)
      if (close < 0) return at + run.length === block.length ? finish(block.slice(0, at), open, textSince) : finish(`${trimTicks(block)}${run}`, open, true)
      at = close + run.length
      textSince = true
      continue
    }
    at = scanMark(block, at, run, open)
    textSince = at < block.length
  }
  return finish(block, open, textSince)
}

/** Takes an emphasis mark: it closes the innermost mark like it, opens one, or is plain text. Answers where to go on. */
function scanMark(block: string, at: number, run: string, open: string[]): number {
  const before = block.charAt(at - 1)
  const after = block.charAt(at + run.length)
  const wordy = run.startsWith('_') && /\w/.test(before)
  const lineStart = /(?:^|\n)\s*$/.test(block.slice(Math.max(0, at - 40), at))
  if (open.includes(run) && before !== ' ') open.splice(open.lastIndexOf(run))
  else if (run.length === 3 && open.at(-1) !== undefined && open.join('').endsWith(run)) open.length = Math.max(0, open.length - 2)
  else if (after !== '' && !/\s/.test(after) && !wordy) open.push(run)
  else if (after === '' && !wordy && !lineStart) open.push(run)
  return at + run.length
}

function finish(block: string, open: readonly string[], textSince: boolean): string {
  let text = block
  const closers = [...open]
  if (!textSince) {
    // Nothing stands behind the last mark yet, and half a closing mark (`**bold*`) is no mark of its own.
    const last = closers.at(-1)
    if (last !== undefined && text.endsWith(last)) {
      text = text.slice(0, -last.length)
      closers.pop()
    }
  }
  if (closers.length === 0) return text
  const trailing = /\s*$/.exec(text)?.[0] ?? ''
  return text.slice(0, text.length - trailing.length) + closers.reverse().join('') + trailing
}

function closingTicks(block: string, from: number, length: number): number {
  for (const match of block.slice(from).matchAll(/`+/g)) if (match[0].length === length) return from + match.index
  return -1
}

/** Half of a longer closing run (``` ``a` ```) would end up inside the code. */
function trimTicks(block: string): string {
  return block.replace(/`+$/, '')
}
