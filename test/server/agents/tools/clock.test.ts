import { expect, it } from 'vitest'
import { createClockTool } from '../../../../src/server/agents/tools/clock.ts'

const tool = createClockTool({ now: () => Date.UTC(2026, 2, 29, 12, 30, 5) })

it('tells the time in UTC where no zone is given', () => {
  expect(JSON.parse(tool.run({}))).toEqual({ iso: '2026-03-29T12:30:05.000Z', local: expect.stringContaining('12:30:05') as string, timeZone: 'UTC' })
})

it('tells the time in a zone, summer time included', () => {
  expect(JSON.parse(tool.run({ timeZone: 'Europe/Paris' }))).toMatchObject({ local: expect.stringContaining('14:30:05') as string, timeZone: 'Europe/Paris' })
})

it('names the remedy for a zone that does not exist', () => {
  expect(() => tool.run({ timeZone: 'Mars/Olympus' })).toThrow('"Mars/Olympus" is not a time zone; use an IANA name such as "Europe/Paris"')
})
