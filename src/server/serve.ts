/** Puts the concrete parts together and opens the port. Tests start the built server through it, with their own overrides. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { pino } from 'pino'
import { encodeId } from '../shared/ids.ts'
import type { RunId } from '../shared/ids.ts'
import type { Agent } from './agents/agent.ts'
import { createAgentRegistry } from './agents/agents.ts'
import { createDemoAgent } from './agents/demo/demo-agent.ts'
import { findLocalServers, usualServers } from './agents/openai/local-servers.ts'
import type { LocalServer } from './agents/openai/local-servers.ts'
import { listModels } from './agents/openai/models.ts'
import { createOpenAIAgent } from './agents/openai/openai-agent.ts'
import { settingsRemedies } from './agents/openai/provider-errors.ts'
import { createApp } from './app.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { createFiles } from './files/files.ts'
import { createAgentSettings } from './settings/agent-settings.ts'
import { createSecrets } from './settings/secrets.ts'
import { pouring } from './sse/pour.ts'
import { createSqliteStorage } from './storage/sqlite/sqlite-storage.ts'
import type { Storage } from './storage/storage.ts'

export interface Overrides {
  /** Awaited between a run's end and its settling. */
  readonly beforeSettle?: (run: RunId) => Promise<void>
  /** Nothing can be written any more: the process should leave and be started again. */
  readonly onLost?: (error: Error) => void
  /** Where model servers on this machine are looked for. */
  readonly localServers?: readonly LocalServer[]
  /** Answers in place of the demo. */
  readonly builtIn?: Agent
  /** Stands between the server and its store. */
  readonly throughStore?: (store: Storage) => Storage
  readonly patience?: Patience
}

/** How long a browser may take over its request, ms. */
interface Patience {
  readonly headersMs: number
  /** Files have longer. */
  readonly bodyMs: number
}

export interface RunningServer {
  readonly url: string
  /** Says `bye`, drains for at most 10 s, closes the database. */
  close(): Promise<void>
}

/** Opens the database, closes what a crash left, then listens. Throws with the cause and the remedy if it cannot. */
export async function startServer(config: Config, { onLost, localServers = usualServers, builtIn = createDemoAgent({ clock: systemClock }), throughStore = (store) => store, patience = USUAL_PATIENCE, ...overrides }: Overrides = {}): Promise<RunningServer> {
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: false }))
  const dataDir = resolve(config.dataDir)
  await mkdir(dataDir, { recursive: true })
  const storage = throughStore(await createSqliteStorage({ file: join(dataDir, 'holdfast.db'), log, ...(onLost === undefined ? {} : { onLost }) }))
  const clock = systemClock
  const agents = createAgentRegistry([builtIn], builtIn.describe().id)
  const agentSettings = await createAgentSettings({
    storage,
    secrets: createSecrets({ given: config.key, file: join(dataDir, 'holdfast.key'), log }),
    environment: config.openai === null ? null : {
      agent: createOpenAIAgent({ ...config.openai, clock, onModels: agents.touched }),
      baseUrl: config.openai.baseUrl, model: config.openai.model, hasKey: config.openai.apiKey !== null,
    },
    builtIn,
    makeAgent: (provider) => createOpenAIAgent({ ...provider, remedies: settingsRemedies, clock, onModels: agents.touched }),
    listModels: (provider) => listModels({ ...provider, remedies: settingsRemedies, clock }),
    findLocal: () => findLocalServers(config.findLocal ? localServers : [], clock),
    offer: agents.offer,
    newId: () => encodeId(randomBytes(16)),
    now: clock.now,
    log,
  })

  const clientDir = fileURLToPath(new URL('../client', import.meta.url))
  const files = createFiles({ folder: join(dataDir, 'files'), storage, randomBytes: () => randomBytes(16), clock, log })
  const app = createApp({
    storage, files, agents, agentSettings, clock, log, allowedHosts: config.allowedHosts,
    randomBytes: () => randomBytes(16),
    clientDir: existsSync(clientDir) ? clientDir : null,
    ...overrides,
  })

  try {
    await app.recover()
    const server = createAdaptorServer({ fetch: pouring(app.fetch), serverOptions: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.headersMs / 4, requestTimeout: SLOWEST_FILE_MS, keepAliveTimeout: 65_000 } })
    const port = await new Promise<number>((resolvePort, reject) => {
      server.once('error', reject)
      server.listen(config.port, config.host, () => resolvePort((server.address() as AddressInfo).port))
    })
    server.on('request', (request) => cutSlowBody(request, patience.bodyMs))
    const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
    log.info({ url, dataDir }, 'listening')
    // Nobody waits for this: who is found is offered when they answer.
    void agentSettings.find().catch((error: unknown) => log.warn({ err: error }, 'looking for model servers on this machine failed'))
    return {
      url,
      async close() {
        const closed = new Promise<void>((done) => server.close(() => done()))
        await app.drain()
        if ('closeIdleConnections' in server) server.closeIdleConnections()
        if ('closeAllConnections' in server) server.closeAllConnections()
        await closed
        await storage.close()
        log.info('closed')
      },
    }
  } catch (error) {
    await storage.close()
    throw describeListenError(error, config)
  }
}

/** A file of 20 MB over a line of half a megabit. */
const SLOWEST_FILE_MS = 330_000
const USUAL_PATIENCE: Patience = { headersMs: 20_000, bodyMs: 60_000 }

/** Node has one limit for every request, and only files need that long. */
function cutSlowBody(request: IncomingMessage, withinMs: number): void {
  if (request.url?.startsWith('/api/files/') === true) return
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, withinMs)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}

function describeListenError(error: unknown, config: Config): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return new Error(`Port ${config.port} is in use. Stop the other program, or set PORT to another number.`, { cause: error })
  if (code === 'EACCES') return new Error(`Port ${config.port} needs more rights. Set PORT to a number above 1023.`, { cause: error })
  return error
}
