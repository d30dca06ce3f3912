/** Which addresses an answer may link to. */
export interface SafeLink {
  readonly href: string
  /** Where it really goes: the host with punycode shown, or the mail address. */
  readonly host: string
}

/** The link if it is absolute and http, https or mailto; null for anything else (`javascript:`, `data:`, relative, unreadable). */
export function safeLink(address: string): SafeLink | null {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null) return null
  if (url.protocol === 'mailto:') return { href: url.href, host: url.pathname }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  // Credentials before the host are only ever there to make a host look like another one.
  url.username = ''
  url.password = ''
  return url.host === '' ? null : { href: url.href, host: url.host }
}
