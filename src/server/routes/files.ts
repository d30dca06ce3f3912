import { Hono } from 'hono'
import type { FileId } from '../../shared/ids.ts'
import { isPicture, LARGEST_FILE_BYTES, LARGEST_FILE_MB } from '../../shared/files.ts'
import type { Files } from '../files/files.ts'
import { attachmentHeader } from './download.ts'
import { HttpProblem, idParam, noRoom, notFound } from './problem.ts'

const LONGEST_NAME = 1_000

/** `/api/files`: a file goes in as its bare bytes, which no form of another site can send, and comes out as nothing that a browser would run. */
export function fileRoutes(files: Files): Hono {
  return new Hono()
    .put('/:file', async (c) => {
      const id = idParam<FileId>(c, 'file', 'file')
      const name = c.req.query('name') ?? ''
      if (name.length > LONGEST_NAME) throw new HttpProblem(400, 'malformed', `name is longer than ${LONGEST_NAME} characters.`)
      if (Number(c.req.header('content-length') ?? 0) > LARGEST_FILE_BYTES) throw tooLarge()
      const put = await files.put(id, name, piecesOf(c.req.raw.body))
      switch (put.kind) {
        case 'added':
        case 'same':
          return c.json(put.file, put.kind === 'added' ? 201 : 200)
        case 'too-large':
          throw tooLarge()
        case 'no-room':
          throw noRoom()
        case 'conflict':
          throw new HttpProblem(409, 'file-conflict', 'Another file was sent under this id. Attach the file again.')
        default:
          return put satisfies never
      }
    })
    .get('/:file', async (c) => {
      const found = await files.get(idParam<FileId>(c, 'file', 'file'))
      if (found === null) throw notFound('file')
      const { file, hash } = found
      // Of all that people attach only pictures are shown by the browser itself; everything else, web pages and SVG above all, is saved.
      const shown = isPicture(file.mediaType)
      const headers = {
        'content-type': shown ? file.mediaType : 'application/octet-stream',
        'content-disposition': shown ? attachmentHeader(file.name, 'inline') : attachmentHeader(file.name),
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'private, max-age=86400, immutable',
        etag: `"${hash}"`,
      }
      if (c.req.header('if-none-match') === headers.etag) return c.body(null, 304, headers)
      if (c.req.method === 'HEAD') return c.body(null, 200, headers)
      return c.body(found.open(), 200, { ...headers, 'content-length': String(file.size) })
    })
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, 'file-too-large', `The file is larger than ${LARGEST_FILE_MB} MB. Choose a smaller one.`)
}

async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const piece = await reader.read().catch((error: unknown) => {
        throw new HttpProblem(400, 'file-broke-off', 'The upload broke off before the file was whole. Try again.', {}, { cause: error })
      })
      if (piece.done) return
      yield piece.value
    }
  } finally {
    // Whoever left early wants no more; one that broke off has no more.
    await reader.cancel().catch(() => undefined)
  }
}
