/** The environment → typed configuration. */
import * as v from 'valibot'

export interface Config {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly dataDir: string
  /** `host:port` values that a request may name besides the server's own loopback names, for a proxy in front. */
  readonly allowedHosts: readonly string[]
  readonly openai: { readonly baseUrl: string; readonly apiKey: string | null; readonly model: string | null } | null
  /** What seals the keys of agents in the database; null: a file beside it does. */
  readonly key: string | null
  /** Whether model servers on this machine are looked for. */
  readonly findLocal: boolean
  readonly logLevel: LogLevel
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
type LogLevel = (typeof logLevels)[number]

/** A variable has a value that cannot be used. The message names the variable and the remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

/** Reads the configuration. An empty variable counts as not set. Throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const get = (name: string) => (env[name]?.trim() === '' ? undefined : env[name]?.trim())
  const host = get('HOST') ?? '127.0.0.1'
  if (!loopback.has(host)) {
    throw new ConfigError(`HOST is "${host}", but Holdfast has no accounts yet, so anybody who reaches it could use it. Set HOST to 127.0.0.1, and use an SSH tunnel or a proxy with a login to reach it from elsewhere.`)
  }
  return {
    host,
    port: readPort(get('PORT')),
    dataDir: get('DATA_DIR') ?? './.holdfast',
    allowedHosts: (get('ALLOWED_HOSTS') ?? '').split(',').map((name) => name.trim().toLowerCase()).filter((name) => name !== '').map(readHost),
    openai: readOpenAI(get('OPENAI_BASE_URL'), get('OPENAI_API_KEY'), get('OPENAI_MODEL')),
    key: readKey(get('HOLDFAST_KEY')),
    findLocal: readSwitch('FIND_LOCAL_MODELS', get('FIND_LOCAL_MODELS')),
    logLevel: readLogLevel(get('LOG_LEVEL')),
  }
}

function readPort(value: string | undefined): number {
  if (value === undefined) return 8484
  const port = Number(value)
  if (!/^\d{1,5}$/.test(value) || port > 65_535) throw new ConfigError(`PORT is "${value}"; set it to a number from 0 to 65535 (0 takes any free port).`)
  return port
}

function readHost(name: string): string {
  if (!/^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(name)) throw new ConfigError(`ALLOWED_HOSTS has "${name}"; list names as host or host:port, separated by commas.`)
  return name
}

function readOpenAI(baseUrl: string | undefined, apiKey: string | undefined, model: string | undefined): Config['openai'] {
  if (baseUrl === undefined) {
    const lone = apiKey !== undefined ? 'OPENAI_API_KEY' : model !== undefined ? 'OPENAI_MODEL' : undefined
    if (lone !== undefined) throw new ConfigError(`${lone} is set but OPENAI_BASE_URL is not; set it to the address of the server, e.g. https://api.openai.com/v1 or http://127.0.0.1:11434/v1.`)
    return null
  }
  const url = v.safeParse(v.pipe(v.string(), v.url()), baseUrl)
  if (!url.success || !/^https?:\/\//.test(baseUrl)) throw new ConfigError(`OPENAI_BASE_URL is "${baseUrl}"; set it to an http or https address such as http://127.0.0.1:11434/v1.`)
  return { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey: apiKey ?? null, model: model ?? null }
}

function readKey(value: string | undefined): string | null {
  if (value !== undefined && value.length < 32) throw new ConfigError('HOLDFAST_KEY is too short to keep anything safe; set it to at least 32 random characters, e.g. from: openssl rand -base64 32')
  return value ?? null
}

function readSwitch(name: string, value: string | undefined): boolean {
  if (value === undefined || value === 'on') return true
  if (value !== 'off') throw new ConfigError(`${name} is "${value}"; set it to on or off.`)
  return false
}

function readLogLevel(value: string | undefined): LogLevel {
  if (value === undefined) return 'info'
  const level = logLevels.find((known) => known === value.toLowerCase())
  if (level === undefined) throw new ConfigError(`LOG_LEVEL is "${value}"; set it to one of ${logLevels.join(', ')}.`)
  return level
}
