import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageRoutes } from '../../../src/server/routes/page.ts'

const build = mkdtempSync(join(tmpdir(), 'holdfast-page-'))
const write = (name: string, content: string) => {
  mkdirSync(dirname(join(build, name)), { recursive: true })
  writeFileSync(join(build, name), content)
}
let page: ReturnType<typeof pageRoutes>
beforeAll(() => {
  write('index.html', 'the page')
  write('assets/page-1.js', 'plain')
  write('assets/page-1.js.br', 'by brotli')
  write('assets/page-1.js.gz', 'by gzip')
  write('sandbox/diagram-1.html', 'a diagram')
  write('version.json', '{}')
  page = pageRoutes(build)
})
afterAll(() => rmSync(build, { recursive: true }))
const get = async (path: string, encoding = 'identity') => {
  const answer = await page.request(path, { headers: { 'accept-encoding': encoding } })
  return { status: answer.status, text: await answer.text(), header: (name: string) => answer.headers.get(name) }
}

describe('the built page', () => {
  it('is at / and at the address of every chat, and is asked for each time', async () => {
    for (const path of ['/', '/t/some-chat']) {
      const { status, text, header } = await get(path)
      expect([path, status, text, header('content-type'), header('cache-control')]).toEqual([path, 200, 'the page', 'text/html; charset=utf-8', 'no-cache'])
    }
    expect((await get('/version.json')).header('cache-control')).toBe('no-cache')
  })

  it('has parts that are kept for ever, because their names change with what is in them', async () => {
    for (const path of ['/assets/page-1.js', '/sandbox/diagram-1.html']) expect((await get(path)).header('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  it('is sent as the build compressed it, in the best form that is taken', async () => {
    const forms = [['gzip, deflate, br, zstd', 'br', 'by brotli'], ['gzip', 'gzip', 'by gzip'], ['br;q=0, gzip', 'gzip', 'by gzip'], ['identity', null, 'plain']] as const
    for (const [taken, encoding, content] of forms) {
      const { text, header } = await get('/assets/page-1.js', taken)
      expect([taken, header('content-encoding'), text, header('vary'), header('content-type')]).toEqual([taken, encoding, content, 'Accept-Encoding', 'text/javascript; charset=utf-8'])
    }
    expect((await get('/sandbox/diagram-1.html', 'br')).header('content-encoding')).toBeNull()
  })

  it('holds nothing but what the build wrote, however the path is put', async () => {
    for (const path of ['/assets/none.js', '/assets/../../package.json', '/assets/%2e%2e/%2e%2e/package.json', '/..%2f..%2fetc/passwd', '/assets']) expect([path, (await get(path)).status]).toEqual([path, 404])
  })

  it('stays whole while another build is written', async () => {
    rmSync(join(build, 'assets/page-1.js'))
    write('index.html', 'another page')
    expect([(await get('/')).text, (await get('/assets/page-1.js')).text]).toEqual(['the page', 'plain'])
  })
})
