/** `node dist/server/main.js`: reads the environment and serves. */
import { readConfig } from './config.ts'
import { complain, serveUntilStopped } from './serve-until-stopped.ts'

try {
  await serveUntilStopped(readConfig(process.env))
} catch (error) {
  complain(error)
  process.exit(1)
}
