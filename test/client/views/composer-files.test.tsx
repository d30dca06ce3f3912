// @vitest-environment happy-dom
/** What the composer says of its files, and when it lets them go. */
import { act } from 'react'
import { beforeAll, expect, test, vi } from 'vitest'
import type { FileId } from '../../../src/shared/ids.ts'
import type { AgentInfo } from '../../../src/shared/protocol.ts'
import { StoreProvider } from '../../../src/client/store/react.ts'
import type { Actions, Upload } from '../../../src/client/store/state.ts'
import { createStore } from '../../../src/client/store/store.ts'
import { Composer } from '../../../src/client/views/composer/composer.tsx'
import { useHost } from './host.ts'

// It comes when it is wanted; here it is there already.
beforeAll(() => import('../../../src/client/views/composer/attachments.tsx'))

const host = useHost()

const agent = (files: boolean): AgentInfo => ({ id: 'a', title: 'Ada', models: [], can: { steer: false, approvals: false, resume: false, files }, ready: true })
const file = { kind: 'file' as const, file: 'f-1' as FileId, name: 'notes.txt', mediaType: 'text/plain', size: 5 }
const upload = (change: Partial<Upload>): Upload => ({ name: 'notes.txt', bytes: new Blob(['Tides']), status: 'sending', share: 0, error: null, ...change })

async function draw(files: boolean, change: Partial<Upload> = {}) {
  const done: unknown[][] = []
  const record = (name: string) => (...args: unknown[]) => done.push([name, ...args])
  const store = createStore({ initial: { agents: { agents: [agent(files)], default: 'a' }, attached: { '': [file] }, uploads: { [file.file]: upload(change) } } })
  await host.render(<StoreProvider store={store} actions={{ send: record('send'), detach: record('detach'), uploadAgain: record('uploadAgain') } as unknown as Actions}><Composer thread={null} /></StoreProvider>)
  await act(async () => {
    await vi.waitFor(() => expect(host.element.querySelector('[data-attached]')).not.toBeNull())
  })
  const button = (label: string) => host.element.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`)
  const set = (more: Partial<Upload>) => act(async () => store.update((state) => ({ ...state, uploads: { [file.file]: upload(more) } })))
  const heard = () => host.element.querySelector('[data-attached] [aria-live]')?.textContent
  return { done, button, set, heard }
}

test('a file alone may be sent, still on its way; a reader hears when it is there, and nothing of the percentage', async () => {
  const { done, button, set, heard } = await draw(true, { share: 0.431 })
  expect(host.element.querySelector('[data-attached]')?.textContent).toContain('Uploading, 43%')
  expect(host.element.querySelector('progress')?.getAttribute('aria-label')).toBe('Upload of notes.txt')
  expect(heard()).toBe('')
  await set({ share: 0.8 })
  expect(heard()).toBe('')
  await set({ status: 'done', share: 1 })
  expect(heard()).toBe('notes.txt is attached')
  expect(host.element.querySelector('[data-attached]')?.textContent).toContain('5 bytes')
  await act(async () => button('Send')?.click())
  expect(done).toEqual([['send', null, '']])
})

test('a failure says its cause, and offers to send the file again or to leave it', async () => {
  const { done, button, heard } = await draw(true, { status: 'failed', error: 'No room.' })
  expect(heard()).toBe('notes.txt: No room.')
  await act(async () => button('Upload notes.txt again')?.click())
  await act(async () => button('Remove notes.txt')?.click())
  expect(done).toEqual([['uploadAgain', 'f-1'], ['detach', null, 'f-1']])
})

test('an agent that takes no files is said to, and nothing can be sent', async () => {
  const { button } = await draw(false, { status: 'done', share: 1 })
  expect(host.element.querySelector('[role=alert]')?.textContent).toBe('Ada takes no files. Remove them, or choose another agent.')
  expect(button('Send')?.disabled).toBe(true)
})
