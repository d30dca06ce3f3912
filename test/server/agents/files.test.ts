import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent, AgentEvent } from '../../../src/server/agents/agent.ts'
import { createDemoAgent } from '../../../src/server/agents/demo/demo-agent.ts'
import { createOpenAIAgent } from '../../../src/server/agents/openai/openai-agent.ts'
import type { FileId, PartId } from '../../../src/shared/ids.ts'
import type { FilePart, Message } from '../../../src/shared/protocol.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import { png } from '../../support/pictures.ts'
import { createScriptedProvider, errorStatus, finish, text } from '../../support/scripted-provider.ts'
import type { ScriptedProvider } from '../../support/scripted-provider.ts'
import { contextFor, humanMessage, textOf } from './conformance.ts'

const picture = png(3, 2)
const stored = new Map<string, Buffer>([['cat', picture], ['notes', Buffer.from('Tides\n\nHigh at four.')], ['long', Buffer.from('ä'.repeat(400_000))], ['doc', Buffer.from('%PDF-1.7')], ['zip', Buffer.from('PK')]])
const known: Record<string, Pick<FilePart, 'name' | 'mediaType'> & Partial<FilePart>> = {
  cat: { name: 'cat.png', mediaType: 'image/png', width: 3, height: 2 }, notes: { name: 'notes.txt', mediaType: 'text/plain' }, long: { name: 'long.txt', mediaType: 'text/plain' },
  zip: { name: 'a "b".zip', mediaType: 'application/zip' }, doc: { name: 'tides.pdf', mediaType: 'application/pdf' }, gone: { name: 'gone.txt', mediaType: 'text/plain', size: 3 },
}
const part = (file: string): FilePart => ({
  id: `h-${file}` as PartId, kind: 'file', state: 'done', startedAt: 0, file: file as FileId, size: stored.get(file)?.length, name: '', mediaType: '', ...known[file],
})
const asked = (words: string, ...files: string[]): Message => ({ ...humanMessage(words), parts: [...(words === '' ? [] : humanMessage(words).parts), ...files.map(part)] })

let provider: ScriptedProvider
let clock: ManualClock
beforeEach(async () => {
  provider = await createScriptedProvider()
  clock = createManualClock()
})
afterEach(() => provider.close())

async function answers(agent: Agent, ...messages: Message[]): Promise<AgentEvent[]> {
  const events: AgentEvent[] = []
  const readFile = async (file: FileId, most?: number) => stored.get(file)?.subarray(0, most) ?? null
  const iterator = agent.run({ messages, model: null }, { ...contextFor(new AbortController().signal), readFile })[Symbol.asyncIterator]()
  for (;;) {
    const next = iterator.next()
    let here = false
    const seen = () => { here = true }
    next.then(seen, seen)
    while (!here) await clock.advance(50)
    const { done, value } = await next
    if (done === true) return events
    events.push(value)
  }
}
const openai = () => createOpenAIAgent({ baseUrl: provider.url, model: 'scripted-model', clock, random: () => 0 })
const contents = (request = 0) => (provider.requests[request]?.body?.messages ?? []).map((message) => message.content)
const notices = (events: readonly AgentEvent[]) => events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
const shown = { type: 'image_url', image_url: { url: `data:image/png;base64,${picture.toString('base64')}` } }
const paper = { type: 'file', file: { filename: 'tides.pdf', file_data: `data:application/pdf;base64,${Buffer.from('%PDF-1.7').toString('base64')}` } }

describe('a model is given', () => {
  it('pictures as pictures, PDFs as files and text as text, each with its name, and told the names of other files', async () => {
    provider.script([[text('I see'), finish()]])
    const events = await answers(openai(), asked('Look', 'cat', 'notes', 'doc', 'zip'))
    expect(contents()).toEqual([[
      { type: 'text', text: 'Look' },
      { type: 'text', text: '[Attached picture "cat.png"]' }, shown,
      { type: 'text', text: '[Attached file "notes.txt"]\nTides\n\nHigh at four.\n[End of "notes.txt"]' },
      { type: 'text', text: '[Attached file "tides.pdf"]' }, paper,
      { type: 'text', text: '[Attached file "a \\"b\\".zip", application/zip, 2 bytes. Its content is not available to you.]' },
    ]])
    expect(notices(events)).toEqual(['The model is told the name of “a "b".zip” only: it takes pictures, PDFs and text.'])
    expect(textOf(events)).toBe('I see')
  })

  it('one text where there is no picture, for servers that know no other shape', async () => {
    provider.script([[text('ok'), finish()]])
    await answers(openai(), asked('', 'notes'))
    expect(contents()).toEqual(['[Attached file "notes.txt"]\nTides\n\nHigh at four.\n[End of "notes.txt"]'])
  })

  it('the beginning of a long text, cut between letters, and not what is gone; both are told, and only once', async () => {
    provider.script([[text('ok'), finish()], [text('ok'), finish()]])
    const events = await answers(openai(), asked('Read', 'long', 'gone'))
    expect(String(contents()[0])).toMatch(/^Read\n\n\[Attached file "long.txt", its beginning\]\nä{262144}\n\[End of "long.txt"\]\n\n\[Attached file "gone.txt", text\/plain, 3 bytes\. Its content/)
    expect(notices(events)).toEqual([expect.stringContaining('Of “long.txt” the model is given the beginning'), expect.stringContaining('“gone.txt” could not be given')])
    expect(notices(await answers(openai(), asked('Read', 'long', 'gone'), asked('And?')))).toEqual([])
  })

  it.each([
    [400, 'Invalid content type. image_url is only supported by certain models.'], [404, 'No endpoints found that support image input'],
    [500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'], [422, 'unknown variant `image_url`, expected `text`'],
    [400, 'scripted-model is not a multimodal model'], [400, 'this model is missing data required for image input'],
  ])('the names alone where it takes no pictures (%d: %s), and that is told', async (status, words) => {
    provider.script([[errorStatus(status, words)], [text('A cat, I guess'), finish()]])
    const events = await answers(openai(), asked('Look', 'cat'))
    expect(notices(events)).toEqual(['This model takes no pictures; it is told their names only.'])
    expect(contents(1)).toEqual(['Look\n\n[Attached picture "cat.png"]'])
    expect(textOf(events)).toBe('A cat, I guess')
  })

  it.each([
    [400, "Invalid 'content': 'content' objects must have a 'type' field that is either 'text' or 'image_url'."], [422, 'unknown variant `file`, expected `text` or `image_url`'],
    [500, 'unsupported content[].type'], [404, 'No endpoints found that support file input'], [400, 'Unknown part type: file'], [400, 'This model does not support PDF documents.'],
  ])('pictures still where it takes no PDFs (%d: %s)', async (status, words) => {
    provider.script([[errorStatus(status, words)], [text('A cat'), finish()]])
    const events = await answers(openai(), asked('Look', 'cat', 'doc'))
    expect(notices(events)).toEqual(['This model takes no PDFs; it is told their names only.'])
    expect(contents(1)).toEqual([[{ type: 'text', text: 'Look' }, { type: 'text', text: '[Attached picture "cat.png"]' }, shown, { type: 'text', text: '[Attached file "tides.pdf"]' }]])
  })

  it('neither where it takes neither, each said once', async () => {
    provider.script([[errorStatus(400, 'PDFs are not supported')], [errorStatus(400, 'images are not supported')], [text('Hm'), finish()]])
    const events = await answers(openai(), asked('Look', 'cat', 'doc'))
    expect(notices(events)).toEqual(['This model takes no PDFs; it is told their names only.', 'This model takes no pictures; it is told their names only.'])
    expect(contents(2)).toEqual(['Look\n\n[Attached picture "cat.png"]\n\n[Attached file "tides.pdf"]'])
  })

  it.each([['cat', 'Unsupported image format: the image could not be decoded'], ['doc', 'Invalid file: the PDF is encrypted'], ['doc', 'This PDF has too many pages']])('nothing twice where the refusal has another cause (%s: %s)', async (file, words) => {
    provider.script([[errorStatus(400, words)]])
    await expect(answers(openai(), asked('Look', file))).rejects.toThrow(words)
    expect(provider.requests).toHaveLength(1)
  })
})

describe('the demo', () => {
  it('says what it has got, and then does as it is told', async () => {
    const said = textOf(await answers(createDemoAgent({ clock }), asked('and what is 6*7?', 'cat', 'notes', 'gone')))
    expect(said).toContain('3 files have reached me')
    expect(said).toContain(`\`\` cat.png \`\`: image/png, 3 × 2, ${picture.length} bytes`)
    expect(said).toContain('`` notes.txt ``: text/plain, 20 bytes. It begins: `` Tides ``')
    expect(said).toContain('`` gone.txt ``: it is not there any more')
    expect(said).toContain('**42**')
  })

  it('needs no words to go with a file', async () => {
    const events = await answers(createDemoAgent({ clock }), asked('', 'notes'))
    expect(textOf(events)).toContain('One file has reached me')
    expect(events.filter((event) => event.type === 'part.started')).toHaveLength(1)
  })
})
