import type { Config } from './config.ts'
import { startServer } from './serve.ts'

/** Serves, prints the URL, and leaves in order on SIGTERM and SIGINT. Rejects if it cannot begin. */
export async function serveUntilStopped(config: Config, onReady: (url: string) => void = () => {}): Promise<void> {
  const server = await startServer(config, { onLost: fail })
  process.stdout.write(`Holdfast is ready: ${server.url}\n`)
  let leaving = false
  const leave = (signal: NodeJS.Signals) => {
    if (leaving) process.exit(1) // asked twice: at once
    leaving = true
    server.close().then(() => process.exit(0), fail)
    process.stderr.write(`${signal}: finishing what is running, 10 s at most; again to leave at once\n`)
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
  onReady(server.url)
}

export function complain(error: unknown): void {
  process.stderr.write(`Holdfast cannot run: ${error instanceof Error ? error.message : String(error)}\n`)
}

function fail(error: unknown): void {
  complain(error)
  process.exit(1)
}
