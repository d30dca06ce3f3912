import type { Database, Statement } from 'better-sqlite3'
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { Compilable } from 'kysely'
import type { Schema } from './schema.ts'

/** Kysely as a typed writer of SQL: it compiles and never runs anything itself. */
const kysely = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** A query compiled and prepared once, to be run with any values. */
export interface Prepared<P, R> {
  get(values: P): R | undefined
  all(values: P): R[]
  run(values: P): { readonly changes: number; readonly lastInsertRowid: number | bigint }
}

export type Prepare = <P extends object, R>(build: (db: Kysely<Schema>, values: P) => Compilable<R>) => Prepared<P, R>

/** Stands in a query for a value that is known only when it is run. */
class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** `prepare<{ id: RunId }, …>((db, values) => db.selectFrom('runs').selectAll().where('id', '=', values.id))` */
export function createPrepare(database: Database): Prepare {
  return <P extends object, R>(build: (db: Kysely<Schema>, values: P) => Compilable<R>): Prepared<P, R> => {
    const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as P
    const { sql, parameters } = build(kysely, slots).compile()
    const statement = database.prepare(sql) as Statement<unknown[], R>
    const bind = (values: P) => parameters.map((parameter) => (parameter instanceof Slot ? values[parameter.name as keyof P] : parameter))
    return {
      get: (values) => statement.get(...bind(values)),
      all: (values) => statement.all(...bind(values)),
      run: (values) => statement.run(...bind(values)),
    }
  }
}
