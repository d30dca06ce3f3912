#!/usr/bin/env node
/** `holdfast`: serves, checks itself, or writes everything out. Flags stand for environment variables and win over them. */
import { parseArgs } from 'node:util'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ConfigError, readConfig } from './config.ts'
import { reportOf, runDoctor } from './doctor/doctor.ts'
import { exportAll } from './export-all.ts'
import { complain, serveUntilStopped } from './serve-until-stopped.ts'

const usage = `Usage: holdfast [options]            serves the page and its data
       holdfast doctor [options]     checks this machine, its data, its agents, and the way to the browser
       holdfast export [options]     writes all chats as JSON, to take elsewhere

  --port <number>   port to serve on (PORT, 8484)
  --host <address>  address to bind (HOST, 127.0.0.1)
  --data <folder>   where everything is kept (DATA_DIR, ./.holdfast)
  --open            open the browser once it answers
  --url <address>   doctor: check that answers stream through the proxy at this address
  --out <file>      export: write to this file and not to standard output
  --version, --help
`

const commands = ['serve', 'doctor', 'export'] as const
type Command = (typeof commands)[number]

interface Asked {
  readonly command: Command
  readonly env: Readonly<Record<string, string | undefined>>
  readonly open: boolean
  readonly url: string | undefined
  readonly out: string | undefined
}

/** Throws an error whose message says what is wrong with the words. Null: help or the version was asked for, and printed. */
function readWords(words: readonly string[]): Asked | null {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' }, url: { type: 'string' }, out: { type: 'string' },
      open: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false }, version: { type: 'boolean', short: 'v', default: false },
    },
  })
  if (values.help) process.stdout.write(usage)
  else if (values.version) process.stdout.write(`${versionHere()}\n`)
  if (values.help || values.version) return null
  const [word = 'serve', ...rest] = positionals
  const command = commands.find((one) => one === word)
  if (command === undefined || rest.length > 0) throw new TypeError(`"${positionals.join(' ')}" is no command`)
  const { port, host, data, open, url, out } = values
  return { command, open, url, out, env: { ...process.env, ...(port && { PORT: port }), ...(host && { HOST: host }), ...(data && { DATA_DIR: data }) } }
}

function versionHere(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  return version
}

/** The browser is opened with the address as an argument, never through a shell. */
function openBrowser(url: string): void {
  const program = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer.exe' : 'xdg-open'
  const child = spawn(program, [url], { stdio: 'ignore', detached: true })
  child.once('error', (error) => process.stderr.write(`No browser was opened (${error.message}). Open ${url} yourself.\n`))
  child.unref()
}

try {
  const asked = readWords(process.argv.slice(2))
  switch (asked?.command) {
    case undefined:
      break
    case 'serve':
      await serveUntilStopped(readConfig(asked.env), (url) => {
        if (asked.open) openBrowser(url)
      })
      break
    case 'doctor': {
      const findings = await runDoctor(readConfig(asked.env), asked.url ?? null)
      process.stdout.write(reportOf(findings))
      process.exitCode = findings.some((finding) => finding.state === 'bad') ? 1 : 0
      break
    }
    case 'export':
      await exportAll(readConfig(asked.env).dataDir, asked.out ?? null)
      break
  }
} catch (error) {
  const misused = error instanceof TypeError && !(error instanceof ConfigError)
  if (misused) process.stderr.write(`${error.message}.\n\n${usage}`)
  else complain(error)
  process.exit(misused ? 2 : 1)
}
