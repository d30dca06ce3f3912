/** Everything the demo agent says, apart from its help pages and the markdown tour. */
import type { FilePart } from '../../../shared/protocol.ts'
import type { HelpHit } from './pages.ts'

export const help = `Hello! 👋 I am the **demo agent**: a small script inside the server, not a language model. I need no key and talk to nobody, so you can see how this chat behaves before you connect a real model.

Words in your message direct me. Mix them as you like:

| Say | and I will |
|---|---|
| **think** | think aloud for a while first |
| **tools** | use a calculator, a clock and a search, and show one failing |
| **approval** | ask before I “delete” a file that does not exist |
| **markdown** | show every kind of formatting |
| **output** | use a tool that prints a megabyte; **output 50** prints 50 KB |
| **long** | write a megabyte, quickly; **long 50** writes 50 KB |
| **fail** | break off in the middle |
| **slow**, **fast**, **rate 20** | write at that pace, in tokens per second |

Or ask me something small: *what is 12 * 7?*, *what time is it?*, *how do I connect a real model?*

Then try to lose my answer: reload the page, switch threads, cut the network, stop the server. Every character you have seen will be there, once.
`

export const thinkHelp = 'Somebody new, or somebody who wants the list again. I will say what I am, what words I listen to, and what is worth trying.'
export const thinkQuestion = 'A plain question. I know nothing of the world, but I do have help pages about this chat; let me see whether one of them answers it.'
export const thinkTime = 'I have no sense of time myself, so I will look at the clock rather than guess.'
export const thinkTools = 'Three tools, then: some arithmetic, the time, and a search. After that one call that has to fail, because a failing tool should look different from a broken chat.'
export const thinkApproval = 'Deleting a file is the kind of thing nobody should do without asking, even when the file is made up. I will ask first and do nothing until there is an answer.'
export const thinkMarkdown = 'A tour of the formatting: headings, lists, a table, quotes, code in a few languages, links, and some awkward characters.'
export const thinkFailure = 'I was asked to fail. I will write a few sentences first, so that it can be seen what becomes of them.'
export const thinkCalculation = (expression: string) => `They want to know what \`${expression}\` is. I could guess, but there is a calculator, and it does not guess.`

export const longThought = `Let me take this slowly. The point of showing thoughts at all is that a person can see where an answer comes from, and stop me early if I have misunderstood.

First: what is being asked? To think. That is a curious thing to ask of a script. I can not reason, but I can show what reasoning looks like when it arrives word by word.

Second: what should hold while I do this? The thought streams live. When I am done it folds away and says how long it took. Opening or closing it by hand is remembered. After a reload the number is the same, because it comes from the server's clock and not from the page's.

Third: what could go wrong? The page may be reloaded in the middle of this sentence. Then the text up to here is there at once, and the rest goes on. Nothing is typed out a second time.

That seems to be all. Time to answer.`

export const afterThought = 'That was a long thought. It is folded away above, with the time it took; open it to read it again. **Reload the page** if you like: thought and time stay the same.\n'

export const beforeTools = 'I will use my tools one after the other. Each has a card that shows what went in, what came out, and how long it took.\n'
export const beforeFailingTool = 'And now a call that has to fail:\n'

export const beforeApproval = 'I would like to tidy up by deleting a demo file. It does not exist, so whatever you answer is harmless. Take your time: reload, or answer from another tab.\n'
export const approved = 'Thank you. The demo file is “gone”: nothing was really deleted, but a real agent would have done it now, and only now.\n'
export const denied = (note: string | undefined) =>
  note === undefined || note.trim() === ''
    ? 'Understood: I have left the file alone. A denied call is marked as such and never runs.\n'
    : `Understood: I have left the file alone. You wrote: “${note.trim().slice(0, 500)}” A real agent would take that into account.\n`

export const heard = (words: string) => `\n\nYou said “${words.trim().slice(0, 200)}” while I was at it, so I turn to that now.\n\n`
export const nothingLeft = 'There is nothing left to say: what you see above is all of it.\n'

export const beforeFlood = (chars: number) => `Here are ${Math.round(chars / 1000)} KB, as fast as they can be read. Scroll up while it runs: the page should not move under you.\n\n`

export const beforeFailure = 'I will now fail, as you asked. Everything up to this point is kept, the error says what happened, and **Retry** starts again. The last words you will see of this answer are'
export const failure = 'The demo agent broke off because you asked it to fail. Nothing is wrong: press Retry to see it again, or send something else.'

export function calculated(expression: string, output: string): string {
  return `\`${expression}\` is **${String((JSON.parse(output) as { result: number }).result)}**.\n`
}

export const notCalculated = (expression: string, error: string) => `The calculator could not do \`${expression}\`: *${error}*. The call is marked as failed, and I can go on.\n`

export function time(output: string): string {
  return `It is **${(JSON.parse(output) as { local: string }).local}** (UTC), by the server’s clock.\n`
}

export const toolFailed = (error: string) => `That did not work: *${error}*.\n`

export function found(output: string): string {
  const [first, ...others] = (JSON.parse(output) as { pages: HelpHit[] }).pages
  if (first === undefined) return nothingFound
  const more = others.length === 0 ? '' : `\n\nSee also: ${others.map((page) => page.title).join(', ')}.`
  return `**${first.title}.** ${first.text}${more}\n`
}

const nothingFound = `I am only the demo agent, a script without a language model, so I can not answer that. I can still show you around:

- *what is 12 * 7?* or *what time is it?* uses a real tool
- **think**, **tools**, **approval**, **markdown**, **long**, **fail** each show one thing; add **slow** or **fast**
- *how do I connect a real model?* tells you how to get real answers

Say **help** for the whole list.
`

/** What was attached, as the demo has got it. `text`: the beginning of a text; null of anything else. */
export function received(files: readonly (FilePart & { readonly text: string | null; readonly gone: boolean })[]): string {
  const lines = files.map(({ name, mediaType, size = 0, width, height, text, gone }) => {
    if (gone) return `- ${code(name)}: it is not there any more`
    const kind = width === undefined || height === undefined ? mediaType : `${mediaType}, ${width} × ${height}`
    const first = text?.split(/\r?\n/).find((line) => line.trim() !== '')?.trim().slice(0, 100)
    return `- ${code(name)}: ${kind}, ${size} bytes${first === undefined ? '' : `. It begins: ${code(first)}`}`
  })
  return `${files.length === 1 ? 'One file has' : `${files.length} files have`} reached me:\n\n${lines.join('\n')}\n\nA real model would be shown pictures and read text.\n`
}

/** As it is, whatever marks are in it. */
function code(text: string): string {
  return `\`\` ${text.replaceAll('`', '´')} \`\``
}

export const printCommand = (chars: number) => `print-log --kilobytes ${Math.round(chars / 1000)}`
export const afterOutput = 'That was a long output. Its card shows the beginning and the size; **Show all** shows the rest, and Copy takes exactly what was printed.\n'

/** One line of a tool's long output, with its number. */
export const logLine = (number: number) => `${String(number).padStart(7, '0')}  ${['info ', 'debug', 'warn '][number % 3] ?? ''}  harbour.gate  leaf ${number} came by once, in order, and was written down\n`

/** One paragraph of the flood; every one tells its number, so that a missing or doubled one can be seen. */
export const floodParagraph = (number: number) =>
  `**Paragraph ${number}.** The river took the long way round the hill, past the mill and the two old bridges, and by evening it had carried ${number} leaves to the sea. Nobody counted them but the journal: each came by once, in order, and none was lost. ☂\n\n`
