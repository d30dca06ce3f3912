/** A real nginx in front of a server under test, with a configuration of its own and nothing of the machine's. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.ts'

const usual = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx']

/** Path of an executable: `NGINX`, else an installed one. Null: there is none. */
export function findNginx(): string | null {
  const named = process.env['NGINX']
  return [...(named === undefined || named === '' ? [] : [named]), ...usual].find((path) => existsSync(path)) ?? null
}

/** A port that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

export interface Nginx {
  readonly url: string
  close(): Promise<void>
}

/** `inside`: what stands in the `server` block, besides `listen`. Rejects with nginx's own words if it does not take it. */
export async function startNginx(port: number, inside: string): Promise<Nginx> {
  const path = findNginx()
  if (path === null) throw new Error('No nginx. Run `npm run nginx`, or set NGINX to the path of one.')
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-nginx-'))
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')
  await writeFile(join(dir, 'nginx.conf'), `daemon off; master_process off; pid ${dir}/pid; error_log stderr warn;
events { }
http { access_log off; ${temp}
server { listen 127.0.0.1:${port};
${inside}
} }
`)
  let said = ''
  const child = spawn(path, ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text })
  const gone = new Promise<void>((left) => child.once('exit', () => left()))
  const url = `http://127.0.0.1:${port}`
  try {
    await until('nginx listens', async () => {
      if (child.exitCode !== null) throw new Error(`nginx left with code ${child.exitCode}: ${said}`)
      return fetch(url).then(() => true, () => false)
    }, 15_000)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    url,
    async close() {
      child.kill('SIGTERM')
      await gone
      await rm(dir, { recursive: true, force: true })
    },
  }
}
