import type { Logger } from 'pino'

/** Structured logging; pino's own interface. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** For code that is run without a log, as benchmarks are. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
