/**
 * The transition table without one of its cells does not compile. That is held by `npm run types`, not by running this: `never` stops being `never`, and
 * `@ts-expect-error` has nothing to expect, as soon as a cell may be left out.
 */
import { expectTypeOf, test } from 'vitest'
import type { Table } from '../../../src/client/run/step.ts'

/** Every cell without which a row would still be one. */
type Dispensable = { [K in keyof Table]: { [T in keyof Table[K]]: Omit<Table[K], T> extends Table[K] ? [K, T] : never }[keyof Table[K]] }[keyof Table]
/** Every row without which the table would still be one. */
type DispensableRow = { [K in keyof Table]: Omit<Table, K> extends Table ? K : never }[keyof Table]

test('every state answers every event that can reach it: a table without a cell does not compile', () => {
  expectTypeOf<Dispensable>().toEqualTypeOf<never>()
  expectTypeOf<DispensableRow>().toEqualTypeOf<never>()
  const without = (table: Table): Table => {
    const { lost: _lost, ...connecting } = table.connecting
    // @ts-expect-error -- nothing is said of a connection that is lost
    return { ...table, connecting }
  }
  expectTypeOf(without).returns.toEqualTypeOf<Table>()
})

test('a cell that is given another event than its own does not compile', () => {
  const wrong = (table: Table): Table => ({
    ...table,
    // @ts-expect-error -- a heartbeat names no reason
    streaming: { ...table.streaming, heard: (state, event) => [{ ...state, held: event.reason }, []] },
  })
  expectTypeOf(wrong).returns.toEqualTypeOf<Table>()
})
