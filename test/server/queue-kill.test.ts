/** What waits behind an answer, while the server is killed: nothing is lost, nothing changes places, nothing is sent twice. */
import { randomBytes } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { encodeId } from '../../src/shared/ids.ts'
import { read, threadSchema } from '../../src/shared/protocol.ts'
import { createScriptedProvider } from '../support/scripted-provider.ts'
import type { ScriptedProvider } from '../support/scripted-provider.ts'
import { savedMessages, sendTo } from '../support/server-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

// Each start of a server takes seconds where other tests keep the machine busy.
vi.setConfig({ testTimeout: 120_000 })

let server: ServerProcess | null = null
let provider: ScriptedProvider | null = null
afterEach(async () => {
  await server?.close()
  await provider?.close()
})

it('a queue outlives kills in the middle of an answer and on both sides of a start, in its order, each message sent once', async () => {
  const models = (provider = await createScriptedProvider())
  const process = (server = await startServerProcess({ OPENAI_BASE_URL: models.url, OPENAI_API_KEY: 'none', OPENAI_MODEL: 'scripted-model' }))
  const { thread } = await sendTo(process.url, 'first')
  const post = (path: string, body: unknown) => fetch(`${process.url}/api/threads/${thread}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const queue = async () => {
    const { messages, paused } = read(threadSchema, await (await fetch(`${process.url}/api/threads/${thread}`)).json()).queue
    return { waiting: messages.map(({ parts: [part] }) => (part?.kind === 'text' ? part.text : '')), paused }
  }
  const asked = () => models.calls.map(({ request }) => {
    const content = request.body?.messages.at(-1)?.content
    return typeof content === 'string' ? content : JSON.stringify(content)
  })
  const first = await models.nextCall()
  first.text('Half an ans')
  for (const text of ['one', 'two', 'three']) {
    expect((await post('runs', { message: { id: encodeId(randomBytes(16)), parts: [{ kind: 'text', text }] }, ifBusy: 'queue' })).status).toBe(202)
  }

  // In the middle of an answer: a person looks first, so the rest waits.
  await process.restart()
  expect(await queue()).toEqual({ waiting: ['one', 'two', 'three'], paused: 'interrupted' })

  // Between the commit of a start and the first word to the agent: it has left the queue, and is not sent again behind anybody's back.
  process.failAt('startQueued:after:1')
  await post('queue/resume', {}).catch(() => null)
  await process.gone()
  process.failAt(null)
  await process.restart()
  expect(await queue()).toEqual({ waiting: ['two', 'three'], paused: 'interrupted' })

  // Before the commit: it is still due, and the next life starts it.
  process.failAt('startQueued:before:1')
  await post('queue/resume', {}).catch(() => null)
  await process.gone()
  process.failAt(null)
  await process.restart()
  const second = await models.nextCall()
  expect(asked().at(-1)).toContain('two')
  expect(await queue()).toEqual({ waiting: ['three'], paused: null })
  second.text('Second answer')
  second.finish()
  const third = await models.nextCall()
  third.text('Third ans')
  await process.restart()
  expect(await queue()).toEqual({ waiting: [], paused: null })

  const said = await until('every message is in the thread', async () => {
    const messages = await savedMessages(process.url, thread)
    const words = messages.filter(({ role }) => role === 'user').map(({ parts: [part] }) => (part?.kind === 'text' ? part.text : ''))
    return words.length >= 4 ? words : null
  })
  expect(said).toEqual(['first', 'one', 'two', 'three'])
  // The one whose start was cut off was never asked; its run says that it was interrupted.
  expect(asked().filter((words) => words.includes('one'))).toEqual([])
  for (const words of ['first', 'two', 'three']) expect(asked().filter((one) => one.includes(words)), words).toHaveLength(1)
})
