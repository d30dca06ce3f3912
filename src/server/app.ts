/** The server as a function from Request to Response: everything but the port. */
import { Hono } from 'hono'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AgentRegistry } from './agents/agent.ts'
import { encodeId } from '../shared/ids.ts'
import type { RunId } from '../shared/ids.ts'
import type { RefusalCode } from '../shared/refusals.ts'
import type { Clock } from './clock.ts'
import type { Files } from './files/files.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { exportRoutes } from './routes/exports.ts'
import { fileRoutes } from './routes/files.ts'
import { operationRoutes } from './routes/operations.ts'
import { HttpProblem, notFound, problemResponse } from './routes/problem.ts'
import { eventStreamHeaders, noStream, runRoutes, startRoute } from './routes/runs.ts'
import { pageRoutes } from './routes/page.ts'
import { queueRoutes } from './routes/queue.ts'
import { guard, protect } from './routes/security.ts'
import { settingsRoutes } from './routes/settings.ts'
import { threadRoutes } from './routes/threads.ts'
import { createRuns } from './runs/runs.ts'
import { createTitles } from './runs/titles.ts'
import { startUpkeep } from './runs/upkeep.ts'
import { createFeed } from './sse/feed.ts'
import type { AgentSettings } from './settings/agent-settings.ts'
import { createRunStreams } from './sse/run-streams.ts'
import { StorageError } from './storage/storage.ts'
import type { Storage } from './storage/storage.ts'

const LARGEST_BODY_BYTES = 1024 * 1024
const LARGEST_IMPORT_BYTES = 256 * 1024 * 1024
/** Far more than a person has windows or questions; what goes beyond is a mistake or an attack, and must not take the server down. */
const USUAL_LIMITS: Limits = { streams: 2_000, runs: 500, characters: 200_000_000 }
const FULL_RETRY_MS = 5_000
const BYE_RETRY_MS = 1_000
const DRAIN_MS = 10_000

export interface AppDeps {
  readonly storage: Storage
  readonly files: Files
  readonly agents: AgentRegistry
  /** Null: the agents are fixed. */
  readonly agentSettings: AgentSettings | null
  readonly clock: Clock
  readonly log: Log
  readonly randomBytes: () => Uint8Array
  /** `host` or `host:port` values that this server goes by, besides the loopback names. */
  readonly allowedHosts: readonly string[]
  /** Folder of the built page; null: the API alone. */
  readonly clientDir: string | null
  readonly limits?: Limits
  readonly graceMs?: number
  readonly beforeSettle?: (run: RunId) => Promise<void>
}

interface Limits {
  /** Event streams that are open, feeds among them. */
  readonly streams: number
  /** Runs that have not settled. */
  readonly runs: number
  /** What one run may say, UTF-16 units: all of it is held while it goes on. */
  readonly characters: number
}

export interface App {
  fetch(request: Request): Response | Promise<Response>
  /** Closes what a crash left behind and begins the upkeep. Call before the port opens. */
  recover(): Promise<void>
  /** `bye` to every reader, then ends what does not end by itself within 10 s. */
  drain(): Promise<void>
}

/** Builds the server out of its parts. */
export function createApp({ storage, files, agents, agentSettings, clock, log, randomBytes, allowedHosts, clientDir, limits = USUAL_LIMITS, graceMs, beforeSettle }: AppDeps): App {
  const titles = createTitles({ storage, agents, clock, log })
  const runs = createRuns({
    storage, agents, clock, log, randomBytes, mostCharacters: limits.characters, readFile: (id, most) => files.read(id, most), onSettled: titles.settled, onHeld: (run) => streams.tellHeld(run),
    ...(graceMs === undefined ? {} : { graceMs }), ...(beforeSettle === undefined ? {} : { beforeSettle }),
  })
  const streams = createRunStreams({ storage, liveTranscript: (run) => runs.transcript(run), held: (run) => runs.held(run), clock, log })
  const feed = createFeed({ storage, agents, clock, log, epoch: encodeId(randomBytes()) })
  let stopUpkeep = () => {}
  const metrics = createMetrics({ storage, activeRuns: () => runs.active(), readers: () => streams.readers() + feed.readers() })

  const app = new Hono()
  app.onError((error) => {
    if (error instanceof HttpProblem) return problemResponse(error.status, error.code, error.message, error.more)
    if (error instanceof StorageError) {
      log.error({ err: error }, 'the store failed a request')
      if (!error.retryable) return problemResponse(500, 'store-refused', 'The database cannot give or take this; it may be damaged. The server’s log names the file and says what to do.')
      return problemResponse(503, 'store-down', 'The database does not answer now; nothing was changed. Try again in a moment.', { retryAfterMs: 1_000 })
    }
    log.error({ err: error }, 'a request failed')
    return problemResponse(500, 'server-mistake', 'The server made a mistake; its log says more. Try again.')
  })
  app.use(protect())
  app.use(guard(allowedHosts))
  const limited = bodyLimit({ maxSize: LARGEST_BODY_BYTES, onError: () => problemResponse(413, 'request-too-large', 'The request is larger than 1 MB. Send less at once.') })
  const limitedImport = bodyLimit({ maxSize: LARGEST_IMPORT_BYTES, onError: () => problemResponse(413, 'export-too-large', 'The chat is larger than 256 MB, which is more than can be taken in.') })
  app.use('/api/*', (c, next) => {
    // Files are counted as they come, while they are written down.
    if (c.req.path.startsWith('/api/files/')) return next()
    return c.req.path === '/api/threads/import' ? limitedImport(c, next) : limited(c, next)
  })
  app.use('/api/*', async (c, next) => {
    await next()
    if (!c.res.headers.has('cache-control')) c.header('Cache-Control', 'no-store')
  })
  const fewStreams = unlessFull(() => streams.readers() + feed.readers() >= limits.streams, 'too-many-pages', 'So many pages follow answers on this server that it takes no more. Close some of them.')
  app.on('GET', ['/api/feed', '/api/runs/:run/stream'], fewStreams)
  app.on('POST', '/api/threads/:thread/runs', unlessFull(() => runs.active() >= limits.runs, 'too-many-runs', 'So many answers are under way on this server that it begins no more. Wait until some are complete.'))
  app.route('/', operationRoutes(storage, metrics, clock))
  app.get('/api/agents', (c) => c.json(agents.list()))
  app.get('/api/feed', async (c) => c.req.method === 'HEAD' ? noStream(c) : c.body(await feed.open(), 200, eventStreamHeaders))
  app.route('/api/files', fileRoutes(files))
  app.route('/api/threads/:thread/runs', startRoute(runs))
  app.route('/api/threads/:thread/queue', queueRoutes(runs))
  app.route('/', exportRoutes({ storage, files, clock, randomBytes }))
  app.route('/api/threads', threadRoutes(storage, feed.asOf))
  app.route('/api/runs', runRoutes(storage, runs, streams))
  app.route('/api/settings', settingsRoutes(agentSettings, storage, files))
  app.all('/api/*', () => { throw notFound('page') })
  if (clientDir !== null) app.route('/', pageRoutes(clientDir))
  app.notFound(() => problemResponse(404, 'not-found', 'There is no such page.'))

  return {
    fetch: (request) => app.fetch(request),
    async recover() {
      await runs.recover()
      stopUpkeep = startUpkeep({ storage, files, clock, log })
    },
    async drain() {
      stopUpkeep()
      streams.bye(BYE_RETRY_MS)
      feed.bye(BYE_RETRY_MS)
      await runs.drain(DRAIN_MS)
      await titles.close()
    },
  }
}

/** Refuses with 429 while it is full. */
function unlessFull(full: () => boolean, code: RefusalCode, detail: string): MiddlewareHandler {
  return async (_c, next) => {
    if (full()) throw new HttpProblem(429, code, detail, { retryAfterMs: FULL_RETRY_MS })
    await next()
  }
}
