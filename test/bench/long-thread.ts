/** Writes a thread through the server's own routes, answered by the scripted provider. */
import { encodeId } from '../../src/shared/ids.ts'
import { randomBytes } from 'node:crypto'
import { finish, text } from '../support/scripted-provider.ts'
import type { ScriptedProvider } from '../support/scripted-provider.ts'
import { settled } from './browser.ts'

const id = () => encodeId(randomBytes(16))

const code = (n: number) => `\`\`\`ts
const answer = ${n}
export const twice = (value: number) => value * 2
\`\`\`

`

const answer = (n: number, withCode: boolean) => `Answer ${n} has some *emphasis*, a [link](https://example.org/${n}) and \`code\`.

- one point
- another one, with **weight**

${withCode ? code(n) : ''}| word | count |
|---|---|
| left | ${n} |
| right | ${n * 2} |

And a paragraph at the end, long enough to be broken into lines, as most of them are in a conversation that people really have.`

/**
 * `messages`: how many in all, half of them questions; each answer has a block of code unless `withCode` is false. Answers with the thread and a text
 * that only its last message has.
 */
export async function writeThread(url: string, provider: ScriptedProvider, messages: number, withCode = true): Promise<{ thread: string; last: string }> {
  const thread = id()
  const turns = messages / 2
  for (let n = 1; n <= turns; n++) {
    provider.script([[text(answer(n, withCode)), ...(n === turns ? [text('\n\nThe very last words.')] : []), finish()]])
    const started = await fetch(`${url}/api/threads/${thread}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: { id: id(), parts: [{ kind: 'text', text: `Question ${n}: what is it about?` }] } }),
    })
    if (!started.ok) throw new Error(`The run did not start: ${started.status} ${await started.text()}`)
    await settled(url, ((await started.json()) as { id: string }).id)
  }
  // Read, as most threads are when they are opened.
  const seen = await fetch(`${url}/api/threads/${thread}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"seen":true}' })
  if (!seen.ok) throw new Error(`The thread was not marked as read: ${seen.status}`)
  return { thread, last: 'The very last words.' }
}
