import { expect, it } from 'vitest'
import { createVersionCheck } from '../../../src/client/pwa/new-version.ts'

/** A page that was begun with `/assets/index-a.js`, and a server that answers with these in turn. */
function page(...answers: (Response | Error)[]) {
  let told = 0
  let asked = 0
  const look = createVersionCheck({
    fetch: () => {
      const answer = answers[asked++] ?? new Error('nothing more was to be asked')
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
    entry: '/assets/index-a.js', log: () => undefined, onNew: () => { told++ },
  })
  return { look, told: () => told, asked: () => asked }
}
const build = (entry: string) => Response.json({ entry })

it('tells once that the server has another build, and asks no more', async () => {
  const { look, told, asked } = page(build('/assets/index-a.js'), build('/assets/index-b.js'))
  await look()
  expect(told()).toBe(0)
  await look()
  await look()
  expect([told(), asked()]).toEqual([1, 2])
})

it('takes a server that does not say for one that has nothing newer', async () => {
  const { look, told } = page(new Error('no network'), new Response('<!doctype html>'), new Response('', { status: 404 }), Response.json({ other: 1 }), build('/assets/index-b.js'))
  for (let i = 0; i < 4; i++) await look()
  expect(told()).toBe(0)
  await look()
  expect(told()).toBe(1)
})
