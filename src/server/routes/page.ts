/** The built page: hashed files for ever, the page itself never without asking. A thread's URL is the page too. */
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { getMimeType } from 'hono/utils/mime'

/** The build wrote these beside each file that gains by it, best first. */
const encodings = [['br', '.br'], ['gzip', '.gz']] as const
const FOR_EVER = 'public, max-age=31536000, immutable'

/**
 * `root`: the folder that the build wrote. It is read once, so that a page finds all its parts though another build is written meanwhile; and answering
 * from memory takes a fraction of what streams from disk do, when a browser asks for the whole beginning of the page at once.
 */
export function pageRoutes(root: string): Hono {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile()) files.set(`/${relative(root, file).split(sep).join('/')}`, new Uint8Array(readFileSync(file)))
  }

  function send(c: Context, path: string): Response | Promise<Response> {
    const plain = files.get(path)
    if (plain === undefined) return c.notFound()
    const smaller = encodings.filter(([, ending]) => files.has(path + ending))
    const wanted = smaller.length === 0 ? 'identity' : accepts(c, { header: 'Accept-Encoding', supports: smaller.map(([name]) => name), default: 'identity', match: best })
    const [name, ending] = smaller.find(([one]) => one === wanted) ?? [null, '']
    if (smaller.length > 0) c.header('Vary', 'Accept-Encoding')
    if (name !== null) c.header('Content-Encoding', name)
    c.header('Content-Type', getMimeType(path) ?? 'application/octet-stream')
    c.header('Cache-Control', /^\/(assets|sandbox)\//.test(path) ? FOR_EVER : 'no-cache')
    return c.body(files.get(path + ending) ?? plain)
  }

  return new Hono()
    .get('/', (c) => send(c, '/index.html'))
    .get('/t/:thread', (c) => send(c, '/index.html'))
    .get('/settings', (c) => c.redirect('/#settings'))
    .get('*', (c) => send(c, c.req.path))
}

/** The first of ours that the browser takes: browsers name them in any order. */
const best: NonNullable<Parameters<typeof accepts>[1]['match']> = (taken, { supports, default: plain }) => supports.find((name) => taken.some(({ type, q }) => type === name && q > 0)) ?? plain
