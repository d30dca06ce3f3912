/** Starts the server under test in a process of its own and asks it about itself. */
import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import type { Answers, Questions } from './plan.ts'

export interface BenchProcess {
  readonly url: string
  ask<K extends keyof Questions>(name: K, question: Questions[K]): Promise<Answers[K]>
  close(): Promise<void>
}

const script = resolve(import.meta.dirname, 'bench-server.ts')

/** `env` is added to the child's. Rejects if the server does not come up. */
export async function startBenchProcess(env: Readonly<Record<string, string>> = {}): Promise<BenchProcess> {
  const child = fork(script, { env: { PATH: process.env['PATH'] ?? '', ...env }, execArgv: ['--expose-gc', '--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, (answer: unknown) => void>()
  let lastId = 0
  const url = await new Promise<string>((listening, reject) => {
    child.once('message', (message) => listening((message as { url: string }).url))
    child.once('exit', (code) => reject(new Error(`The server under test left with code ${code}.`)))
  })
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  return {
    url,
    ask: <K extends keyof Questions>(name: K, question: Questions[K]) =>
      new Promise<Answers[K]>((answered) => {
        const id = ++lastId
        waiting.set(id, answered as (answer: unknown) => void)
        child.send({ id, name, question })
      }),
    close: () =>
      new Promise((gone) => {
        child.once('exit', () => gone())
        child.disconnect()
      }),
  }
}
