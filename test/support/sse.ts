/** Reads text/event-stream text as the HTML standard does, but gives each message its own id only, as fetch-event-source does. Whole frames only. */
export interface SseMessage {
  readonly event: string
  readonly id: string
  readonly data: string
}

export function parseFrames(text: string): SseMessage[] {
  const messages: SseMessage[] = []
  let event = ''
  let id = ''
  let data: string[] = []
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data.length > 0) messages.push({ event, id, data: data.join('\n') })
      event = ''
      id = ''
      data = []
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') event = value
    else if (name === 'id') id = value
    else if (name === 'data') data.push(value)
  }
  return messages
}
