/* oxlint-disable no-console -- the browser's console is where a page's log goes, and this is the one place that writes there */
export const log = {
  debug: (message: string, details: object = {}) => console.debug(message, details),
  warn: (message: string, details: object = {}) => console.warn(message, details),
  error: (message: string, details: object = {}) => console.error(message, details),
}
