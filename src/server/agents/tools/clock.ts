import type { Clock } from '../../clock.ts'
import { textField } from './tool.ts'
import type { Tool } from './tool.ts'

/** The time. Input `{ timeZone? }` (IANA name, UTC if left out), output `{ iso, local, timeZone }`. */
export function createClockTool(clock: Pick<Clock, 'now'>): Tool {
  return {
    name: 'clock',
    description: 'Tells the current date and time, in UTC or in a given time zone. Use it whenever an answer depends on today or now.',
    inputSchema: {
      type: 'object',
      properties: { timeZone: { type: 'string', description: 'An IANA time zone such as "Europe/Paris"; UTC if left out' } },
      required: [],
    },
    run(input) {
      const timeZone = textField(input, 'timeZone') ?? 'UTC'
      const now = new Date(clock.now())
      return JSON.stringify({ iso: now.toISOString(), local: formatter(timeZone).format(now), timeZone })
    },
  }
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium', timeZone })
  } catch (error) {
    if (error instanceof RangeError) throw new Error(`"${timeZone.slice(0, 60)}" is not a time zone; use an IANA name such as "Europe/Paris"`, { cause: error })
    throw error
  }
}
