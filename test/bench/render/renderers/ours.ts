import { mount } from '../../../../src/client/markdown/mount.ts'
import { markdownWords } from '../../../../src/client/views/message/markdown-words.ts'
import type { CreateRenderer } from '../renderer.ts'

export const create: CreateRenderer = (host) => {
  const mounted = mount(host, { words: markdownWords() })
  return { push: mounted.push, frame: mounted.flush, end: mounted.end }
}
