import { expect, it } from 'vitest'
import { createScriptedServer, openPage } from './page.ts'

const chat = (title: string) => ({ format: 'holdfast-thread', thread: { title } })
const fileOf = (...titles: string[]) => new Blob([JSON.stringify({ format: 'holdfast-export', threads: titles.map(chat) })])

function scene() {
  const server = createScriptedServer()
  const page = openPage({ server })
  return { server, actions: page.actions, told: () => page.store.getState().toasts.at(-1)?.text, taken: () => server.called('importThread').map(({ args }) => (args[1] as ReturnType<typeof chat>).thread.title) }
}

it('a chat that is too large or damaged keeps none of the others out, and is named', async () => {
  const { server, actions, told, taken } = scene()
  server.refuse('importThread', 413, 'The chat is larger than 256 MB, which is more than can be taken in.')
  await actions.importThreads(fileOf('Films', 'Tides', 'Ports'))
  expect(taken()).toEqual(['Films', 'Tides', 'Ports'])
  expect(told()).toBe('2 of 3 chats were imported. “Films” could not be. The chat is larger than 256 MB, which is more than can be taken in.')
})

it('a server that goes away ends it, and how far it came is said', async () => {
  const { server, actions, told, taken } = scene()
  server.unreachable('importThread')
  await actions.importThreads(fileOf('Films', 'Tides'))
  expect(taken()).toEqual(['Films'])
  expect(told()).toMatch(/^0 of 2 chats were imported, then one could not be\. The server cannot be reached/)
})

it('a file that is too large to be read, or no export, is said to be one', async () => {
  const { actions, told, taken } = scene()
  await actions.importThreads({ text: () => Promise.reject(new DOMException('too large', 'NotReadableError')) } as unknown as Blob)
  expect(told()).toMatch(/^This file could not be read\. Above 500 MB/)
  await actions.importThreads(new Blob(['{"format":"something else"}']))
  expect(told()).toMatch(/^This file is not an export of Holdfast/)
  expect(taken()).toEqual([])
})
