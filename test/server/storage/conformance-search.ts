import { expect, test } from 'vitest'
import type { Storage } from '../../../src/server/storage/storage.ts'
import type { SearchHit } from '../../../src/shared/protocol.ts'
import type { Subject } from './conformance.ts'
import { finish, names, none, replyOf, running, wholeTurn } from './scene.ts'
import type { Names } from './scene.ts'

export function searches(on: Subject): void {
  /** One turn in a thread of its own. */
  async function said(question: string, answer: string, title = 'Untitled'): Promise<Names> {
    const n = names()
    await running(on.storage, n, { title, message: { id: n.human, parts: [{ kind: 'text', text: question }] } })
    await finish(on.storage, n.run)
    await on.storage.settle({ run: n.run, messages: [replyOf(n, n.human, answer)], counters: none, notices: [] })
    return n
  }
  const find = (query: string, storage: Storage = on.storage) => storage.searchThreads({ query, limit: 50 })
  const found = async (query: string) => (await find(query)).threads.map((thread) => thread.id)
  const hitIn = async (query: string, n: Names) => (await find(query)).hits?.find((hit) => hit.thread === n.thread)
  const marked = (hit: SearchHit | undefined) => hit?.snippet.marks.map(([start, end]) => hit.snippet.text.slice(start, end))

  test('a word is found in a question, in an answer and in a title, by its beginning, whatever its case and accents', async () => {
    const n = await said('Where do zebrafish sleep?', 'Near the Quetzalkaffee, in a Zürcher café.', 'Xylophonkonzert')
    for (const query of ['zebrafish', 'ZEBRAF', 'quetzalkaffee', 'zurcher', 'Zürcher CAFE quetz', 'xylophon', 'zebrafish?!']) expect(await found(query), query).toEqual([n.thread])
    for (const query of ['ebrafish', 'zebrafish quetzalkaffee', 'zebrafishes']) expect(await found(query), query).toEqual([])
  })

  test('the hit is the newest message that matches, with what matched marked in a line of it', async () => {
    const n = await said('alpaca\nbefore', `${'filler '.repeat(60)}and then\nan Alpacafarm, with alpacas ${'more '.repeat(60)}`)
    const hit = await hitIn('alpaca', n)
    expect(hit).toMatchObject({ message: n.reply, role: 'assistant', title: [] })
    expect(marked(hit)).toEqual(['Alpacafarm', 'alpacas'])
    expect(hit?.snippet.text).toMatch(/^….*and then an Alpacafarm, with alpacas.*…$/)
    expect(await hitIn('before', n)).toMatchObject({ message: n.human, role: 'user' })
  })

  test('a match in the title alone has no message', async () => {
    const n = await said('x', 'y', 'All about okapis')
    expect(await hitIn('okapi about', n)).toMatchObject({ title: [[4, 9], [10, 16]], message: null, snippet: { text: '', marks: [] } })
  })

  test('text without spaces is found by any part of it, one character included', async () => {
    const n = await said('请解释一下人工智能的历史', '図書館で東京タワーの本を読みました。', '한국어 문장')
    for (const query of ['人工智能', '工智', '史', '東京タワー', 'タワ', '한국', '人工智能 历史']) expect(await found(query), query).toEqual([n.thread])
    for (const query of ['智工', '京東']) expect(await found(query), query).toEqual([])
    expect(marked(await hitIn('東京', n))).toEqual(['東京'])
  })

  test('an answer is found by what is shown of it: a word that marks go through whole, and neither marks nor the addresses behind links', async () => {
    const n = await said('What is **kangaroo** to un**believ**able?', 'It is un**believ**able: [ech](https://hidden.example/path)idnas `wal`laby and &lt;quoll\n\n```bandicoot\nlet **raw** = 1\n```')
    for (const query of ['unbelievable', 'echidnas', 'wallaby', 'quoll', 'raw', 'believ kangaroo']) expect(await found(query), query).toEqual([n.thread])
    for (const query of ['hidden', 'bandicoot']) expect(await found(query), query).toEqual([])
    const hit = await hitIn('unbelievable echidnas', n)
    expect(hit).toMatchObject({ message: n.reply })
    expect(marked(hit)).toEqual(['unbelievable', 'echidnas'])
    expect(hit?.snippet.text).toMatch(/^It is unbelievable: echidnas wallaby and <quoll/)
    // What a person said is shown as it was typed.
    expect(await hitIn('kangaroo', n)).toMatchObject({ message: n.human })
    expect(await hitIn('believ kangaroo', n)).toMatchObject({ message: n.human, snippet: { text: 'What is **kangaroo** to un**believ**able?' } })
  })

  test('nothing that a person may type is a mistake', async () => {
    const n = await said('narwhal AND tusk', 'NEAR the sea')
    const odd = ['"', '""', 'narwhal"', '"narwhal', "narwhal'", 'narwhal*', '*', 'narwhal AND', 'AND', 'NOT narwhal', 'NEAR(narwhal tusk, 2)', 'words:narwhal', '-narwhal', '^narwhal',
      '(narwhal', 'narwhal)', '{narwhal} : x', 'narwhal + tusk', '\u0000narwhal', 'narwhal\ud83d', '%', '_', '; DROP TABLE threads', 'narwhal -- x', '\u0301', '🦄', 'a '.repeat(250)]
    for (const query of odd) await expect(find(query), query).resolves.toMatchObject({ cursor: null })
    for (const query of ['"narwhal"', 'narwhal*', '-narwhal', '(narwhal', 'narwhal AND tusk', '\u0000narwhal', 'narwhal\ud83d']) expect(await found(query), query).toEqual([n.thread])
    for (const query of ['', '   ', '!?', '🦄']) expect(await find(query), query).toEqual({ threads: [], cursor: null, hits: [] })
  })

  test('a rename is found by its new words and no more by its old ones', async () => {
    const n = await said('x', 'y', 'Pangolins')
    await on.storage.patchThread(n.thread, { title: 'Axolotls' })
    expect(await found('pangolin')).toEqual([])
    expect(await found('axolotl')).toEqual([n.thread])
  })

  test('archived threads are found, deleted ones only once they are restored, purged ones never', async () => {
    const [kept, gone] = [await said('tapir one', 'y'), await said('tapir two', 'y')]
    await on.storage.patchThread(kept.thread, { archived: true })
    await on.storage.deleteThread(gone.thread)
    expect(await found('tapir')).toEqual([kept.thread])
    await on.storage.restoreThread(gone.thread)
    expect(await found('tapir')).toEqual([gone.thread, kept.thread])
    await on.storage.deleteThread(gone.thread)
    await on.storage.purgeThreads(0)
    expect(await found('tapir')).toEqual([kept.thread])
    const again = { ...names(), thread: gone.thread }
    await wholeTurn(on.storage, again)
    expect(await found('tapir')).toEqual([kept.thread])
  })

  test('results come in pages, newest activity first, each thread once', async () => {
    const made = [await said('lemur lemur', 'lemur'), await said('lemur', 'lemur'), await said('a lemur', 'z')]
    const pages = []
    for (let cursor: string | undefined; pages.length < 5;) {
      const page = await on.storage.searchThreads({ query: 'lemur', limit: 2, cursor })
      expect(page.hits?.map((hit) => hit.thread)).toEqual(page.threads.map((thread) => thread.id))
      pages.push(page.threads.map((thread) => thread.id))
      if (page.cursor === null) break
      cursor = page.cursor
    }
    expect(pages).toEqual([[made[2]?.thread, made[1]?.thread], [made[0]?.thread]])
  })
}
