/** What every request must pass and every answer carries (security.md, 2, 9–11, 24). */
import type { HonoRequest, MiddlewareHandler } from 'hono'
import { HttpProblem } from './problem.ts'

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'", "object-src 'none'", "base-uri 'none'",
  "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'",
  // What may make a script's address: each for its one script.
  'trusted-types holdfast-service-worker holdfast-highlighter',
].join('; ')

/**
 * Of pages under /sandbox/: no origin, no network, nothing but the scripts they hold, whose hashes they name themselves. Our page may frame them. The
 * one that shows pictures of other hosts, when somebody asked for one, may load pictures.
 */
const sandboxPolicy = (path: string): string => [
  'sandbox allow-scripts', "default-src 'none'", "script-src 'unsafe-inline'", "style-src 'unsafe-inline'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
  ...(path.startsWith('/sandbox/picture-') ? ['img-src https: http:'] : []),
].join('; ')

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/

/**
 * Refuses requests that a foreign page or a rebound name could have made: an unknown Host, an Origin that is not that Host, a request
 * that the browser itself calls cross-site, and changes whose content type a plain form could send. Loopback names are known at any
 * port, since no foreign site can bear one and tunnels change the port.
 * `allowed`: further `host` or `host:port` values, in lower case.
 */
export function guard(allowed: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host')?.toLowerCase() ?? ''
    if (!loopbackHost.test(host) && !allowed.includes(host)) {
      throw new HttpProblem(421, 'unknown-host', `This server does not answer to "${host.slice(0, 100)}". Open it by its own address, or add that name to ALLOWED_HOSTS.`)
    }
    const origin = c.req.header('origin')
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) throw fromElsewhere()
    const site = c.req.header('sec-fetch-site')
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage(c.req)) throw fromElsewhere()
    // Bare bytes are no more what a form can send than JSON is.
    const wanted = c.req.method === 'PUT' && c.req.path.startsWith('/api/files/') ? 'application/octet-stream' : 'application/json'
    const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
    if (!['GET', 'HEAD', 'OPTIONS'].includes(c.req.method) && type !== wanted) throw new HttpProblem(415, 'malformed', `Changes must be sent as ${wanted}.`)
    await next()
  }
}

function fromElsewhere(): HttpProblem {
  return new HttpProblem(403, 'other-site', 'Requests from other sites are refused. To open this page, type its address or use a bookmark.')
}

/** Somebody followed a link to a page: that shows the page in a window of its own, gives the other site nothing and changes nothing. */
function opensPage(request: HonoRequest): boolean {
  return request.method === 'GET' && !/^\/(api|metrics)\b/.test(request.path)
    && request.header('sec-fetch-mode') === 'navigate' && request.header('sec-fetch-dest') === 'document'
}

/** Headers of every answer. */
export function protect(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    // A file that people attached brings a stricter one.
    if (!c.res.headers.has('content-security-policy')) c.header('Content-Security-Policy', c.req.path.startsWith('/sandbox/') ? sandboxPolicy(c.req.path) : CONTENT_SECURITY_POLICY)
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Cross-Origin-Resource-Policy', 'same-origin')
    c.header('Cross-Origin-Opener-Policy', 'same-origin')
    c.header('Referrer-Policy', 'no-referrer')
  }
}
