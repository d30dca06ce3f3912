/** `holdfast doctor`: what stands in the way on this machine and between it and the browser, each with its cause and its remedy. */
import type { Config } from '../config.ts'
import { checkAgents } from './agents.ts'
import { checkDatabase } from './database.ts'
import { checkDisk } from './disk.ts'
import { checkStreaming } from './streaming.ts'

export interface Finding {
  readonly what: string
  /** `idle`: not checked, and `says` tells why. */
  readonly state: 'good' | 'bad' | 'idle'
  readonly says: string
  readonly remedy?: string
}

const OLDEST_NODE = [20, 19] as const

/** `url`: where a browser reaches the server, through whatever stands in front; null: the server's own port, if one runs there. */
export async function runDoctor(config: Config, url: string | null): Promise<Finding[]> {
  return [
    checkNode(process.versions.node),
    await checkDisk(config.dataDir),
    checkDatabase(config.dataDir),
    ...(await checkAgents(config)),
    await checkStreaming(url ?? `http://127.0.0.1:${config.port}`, url !== null),
  ]
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  return old
    ? { what: 'node', state: 'bad', says: `is ${version}, too old.`, remedy: `Install Node ${OLDEST_NODE.join('.')} or newer.` }
    : { what: 'node', state: 'good', says: `is ${version}.` }
}

const marks = { good: 'ok ', bad: 'BAD', idle: ' - ' }

export function reportOf(findings: readonly Finding[]): string {
  return findings.map(({ what, state, says, remedy }) => `${marks[state]} ${what}: ${says}${remedy === undefined ? '' : `\n    → ${remedy}`}\n`).join('')
}
