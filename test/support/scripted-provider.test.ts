import { afterEach, beforeEach, expect, it } from 'vitest'
import { createScriptedProvider, delay, finish, gate, text } from './scripted-provider.ts'
import type { ScriptedProvider } from './scripted-provider.ts'

let provider: ScriptedProvider
beforeEach(async () => {
  provider = await createScriptedProvider()
})
afterEach(() => provider.close())

const request = (signal?: AbortSignal) =>
  fetch(`${provider.url}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] }), ...(signal && { signal }) })

it('plays a script for each request, in order, and then waits for the test', async () => {
  provider.script([[text('a'), finish()], [text('b'), delay(1), finish()]])
  expect(await (await request()).text()).toContain('"content":"a"')
  expect(await (await request()).text()).toContain('"content":"b"')
  const third = request()
  const call = await provider.nextCall()
  call.text('c')
  call.finish()
  expect(await (await third).text()).toMatch(/"content":"c".*\[DONE\]/s)
  expect(provider.requests).toMatchObject([{}, {}, { body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] } }])
})

it('holds at a gate until it is opened', async () => {
  let open = () => {}
  provider.script([[text('before'), gate(new Promise<void>((resolve) => (open = resolve))), text('after'), finish()]])
  const body = (await request()).body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await body?.read())?.value).toContain('before')
  const next = body?.read()
  open()
  expect((await next)?.value).toContain('after')
  await body?.cancel()
})

it('tells when the client gave up', async () => {
  const abort = new AbortController()
  const gone = request(abort.signal)
  const call = await provider.nextCall()
  expect(call.isAborted()).toBe(false)
  abort.abort()
  await expect(gone).rejects.toThrow('aborted')
  await call.aborted
  expect(call.isAborted()).toBe(true)
  expect(provider.openCalls()).toBe(0)
})
