/**
 * The transition table without one of its cells does not compile. That is held by `npm run types`, not by running this: `never` stops being `never`, and
 * `@ts-expect-error` has nothing to expect, as soon as a cell may be left out.
 */
import { expectTypeOf, test } from 'vitest'
import type { RunInput, RunState, Table } from '../../../src/server/runs/step.ts'

/** Every cell without which a row would still be one. */
type Dispensable = { [K in keyof Table]: { [T in keyof Table[K]]: Omit<Table[K], T> extends Table[K] ? [K, T] : never }[keyof Table[K]] }[keyof Table]

test('every state answers every input: a table without a cell does not compile', () => {
  expectTypeOf<Dispensable>().toEqualTypeOf<never>()
  expectTypeOf<keyof Table>().toEqualTypeOf<RunState['kind']>()
  expectTypeOf<keyof Table['stopping']>().toEqualTypeOf<RunInput['type']>()
  const without = (table: Table): Table => {
    const { 'grace-over': _over, ...stopping } = table.stopping
    // @ts-expect-error -- nothing is said of a grace that is over
    return { ...table, stopping }
  }
  expectTypeOf(without).returns.toEqualTypeOf<Table>()
})

test('a cell that is given another input than its own does not compile', () => {
  const wrong = (table: Table): Table => ({
    ...table,
    // @ts-expect-error -- an agent that returns names no error
    running: { ...table.running, returned: (state, input) => [{ kind: 'stopping', recording: state.recording, by: input.error.code }, []] },
  })
  expectTypeOf(wrong).returns.toEqualTypeOf<Table>()
})
