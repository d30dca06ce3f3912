/** `node dist/server/main.js`: reads the environment, serves, prints the URL, and leaves in order on SIGTERM and SIGINT. */
import { readConfig } from './config.ts'
import { startServer } from './serve.ts'

try {
  const server = await startServer(readConfig(process.env), { onLost: fail })
  process.stdout.write(`Holdfast is ready: ${server.url}\n`)
  let leaving = false
  const leave = (signal: NodeJS.Signals) => {
    if (leaving) process.exit(1) // asked twice: at once
    leaving = true
    server.close().then(() => process.exit(0), (error: unknown) => fail(error))
    process.stderr.write(`${signal}: finishing what is running, 10 s at most; again to leave at once\n`)
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
} catch (error) {
  fail(error)
}

function fail(error: unknown): void {
  process.stderr.write(`Holdfast cannot run: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
