/**
 * A checker that reads nothing also passes. So each rule of the house is broken once, in a copy of the tree that has the same
 * folders and settings, and must be reported there; and a file that keeps the rules must not.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const settings = ['.oxlintrc.json', 'tsconfig.json', 'src/shared/tsconfig.json', 'src/client/run/tsconfig.json', 'src/client/tsconfig.json', 'src/server/tsconfig.json', 'test/tsconfig.json', 'e2e/tsconfig.json']

interface Seed {
  readonly path: string
  readonly rule: string
  readonly source: string
}
const use = (specifier: string) => `import * as seed from '${specifier}'\nexport const held = seed\n`
const imports = (path: string, ...specifiers: string[]): Seed[] =>
  specifiers.map((specifier) => ({ path, rule: 'eslint(no-restricted-imports)', source: use(specifier) }))
const globals = (path: string, ...expressions: string[]): Seed[] =>
  expressions.map((expression) => ({ path, rule: 'eslint(no-restricted-globals)', source: `export const held = () => ${expression}\n` }))
const chance = (path: string, ...expressions: string[]): Seed[] =>
  expressions.map((expression) => ({ path, rule: 'eslint(no-restricted-properties)', source: `export const held = () => ${expression}\n` }))
const style = (path: string, rule: string, source: string): Seed => ({ path, rule, source })

const seeds: readonly Seed[] = [
  // Who may import whom.
  ...imports('src/shared/protocol/seeded.ts', '../transcript.ts', '../../client/run/step.ts'),
  ...imports('src/shared/seeded.ts', '../server/clock.ts', '../client/run/step.ts', 'zod', 'react', 'node:crypto'),
  ...imports('src/client/run/seeded.ts', '../stream/controller.ts', '../store/store.ts', '../api/api.ts', '../../server/clock.ts', 'valibot', 'react'),
  ...imports('src/client/api/seeded.ts', '../stream/controller.ts', '../store/store.ts', '../run/step.ts', '../../server/clock.ts', 'zod'),
  ...imports('src/client/markdown/seeded.ts', '../store/store.ts', '../views/app.tsx', '../stream/controller.ts', '../../server/clock.ts', 'zod'),
  ...imports('src/client/stream/seeded.ts', '../store/store.ts', '../views/app.tsx', '../actions/actions.ts', '../../server/clock.ts', 'react', 'zod'),
  ...imports('src/client/store/seeded.ts', '../stream/controller.ts', '../views/app.tsx', '../api/api.ts', '../actions/actions.ts', '../run/step.ts', '../../server/clock.ts', 'zod'),
  ...imports('src/client/actions/seeded.ts', '../stream/controller.ts', '../views/app.tsx', '../api/fetch-api.ts', '../../server/clock.ts', 'react', 'zod'),
  ...imports('src/client/theme/seeded.ts', '../stream/controller.ts', '../views/app.tsx', '../../server/clock.ts', 'zod'),
  ...imports('src/client/views/thread/seeded.ts', '../../stream/controller.ts', '../../run/step.ts', '../../api/fetch-api.ts', '../../actions/actions.ts', '../../../server/clock.ts', 'node:fs', 'zod'),
  ...imports('src/client/seeded.ts', '../server/clock.ts', 'node:fs', 'zod'),
  ...imports('src/server/seeded.ts', '../client/run/step.ts', 'react', 'zod'),
  ...imports('src/server/storage/sqlite/seeded.ts', '../../agents/agent.ts', '../../runs/runs.ts', '../../routes/threads.ts', '../../sse/feed.ts', '../../../client/run/step.ts', 'hono', 'zod'),
  ...imports('src/server/agents/demo/seeded.ts', '../../storage/storage.ts', '../../runs/runs.ts', '../../../client/run/step.ts', 'kysely', 'zod', 'node:http', 'node:net'),
  ...imports('src/server/sse/seeded.ts', '../runs/runs.ts', '../routes/threads.ts', '../agents/agent.ts', '../storage/sqlite/storage.ts', '../../client/run/step.ts', 'zod'),
  ...imports('src/server/runs/seeded.ts', '../routes/threads.ts', '../sse/feed.ts', '../storage/sqlite/storage.ts', '../agents/demo/demo.ts', '../agents/agents.ts', '../../client/run/step.ts', 'hono', 'better-sqlite3', 'zod'),
  ...imports('src/server/routes/seeded.ts', '../storage/memory/storage.ts', '../agents/demo/demo.ts', '../../client/run/step.ts', 'kysely', 'zod'),
  // No clock, no chance, no network where they are not at home.
  ...globals('src/shared/seeded.ts', 'Date.now()', 'new Date()', 'performance.now()', 'crypto.randomUUID()', 'fetch("/")', 'setTimeout(() => 1, 1)', 'globalThis.Date'),
  ...globals('src/client/run/seeded.ts', 'Date.now()', 'performance.now()', 'crypto.randomUUID()', 'fetch("/")', 'setTimeout(() => 1, 1)'),
  ...globals('src/client/views/thread/seeded.ts', 'fetch("/")', 'new EventSource("/")', 'new XMLHttpRequest()', 'new WebSocket("/")'),
  ...globals('src/client/stream/controller.ts', 'Date.now()', 'setTimeout(() => 1, 1)', 'fetch("/")'),
  ...globals('src/server/runs/seeded.ts', 'setTimeout(() => 1, 1)', 'fetch("/")'),
  ...globals('src/server/sse/seeded.ts', 'setInterval(() => 1, 1)', 'fetch("/")'),
  ...globals('src/server/routes/seeded.ts', 'fetch("/")'),
  ...globals('src/server/agents/openai/seeded.ts', 'fetch("/")'),
  ...chance('src/shared/seeded.ts', 'Math.random()'),
  ...chance('src/client/run/seeded.ts', 'Math.random()'),
  ...chance('src/server/runs/seeded.ts', 'Date.now()'),
  ...chance('src/server/sse/seeded.ts', 'Date.now()'),
  ...chance('e2e/seeded.ts', '({ waitForTimeout: () => 1 }).waitForTimeout()'),
  // Text never becomes an HTML string, a string never becomes code.
  style('src/client/views/thread/seeded.ts', 'eslint(no-restricted-properties)', 'export const held = (node: HTMLElement) => { node.innerHTML = "x" }\n'),
  style('src/client/markdown/seeded.ts', 'eslint(no-restricted-properties)', 'export const held = (node: HTMLElement) => node.insertAdjacentHTML("beforeend", "x")\n'),
  style('src/client/views/thread/seeded.tsx', 'react(no-danger)', 'export const Held = () => <p dangerouslySetInnerHTML={{ __html: "x" }} />\n'),
  // Every text is in the catalogue.
  style('src/client/views/thread/seeded.tsx', 'react(jsx-no-literals)', 'export const Held = () => <p>Hello</p>\n'),
  style('src/client/views/thread/seeded.tsx', 'react(jsx-no-literals)', 'export const Held = ({ name }: { name: string }) => <p>{`Hello ${name}`}</p>\n'),
  style('src/client/views/thread/seeded.tsx', 'react(jsx-no-literals)', 'export const Held = () => <button type="button" title="Hello" />\n'),
  style('src/client/views/thread/seeded.ts', 'eslint(no-eval)', 'export const held = (text: string) => eval(text) as unknown\n'),
  style('src/client/views/thread/seeded.ts', 'eslint(no-new-func)', 'export const held = (text: string) => new Function(text)\n'),
  // Promises, types, style.
  style('src/server/seeded.ts', 'typescript(no-floating-promises)', 'export function held() { Promise.resolve(1) }\n'),
  style('src/client/store/seeded.ts', 'typescript(no-floating-promises)', 'const work = async () => 1\nexport function held() { work() }\n'),
  style('test/seeded.ts', 'typescript(no-floating-promises)', 'const work = async () => 1\nexport function held() { work() }\n'),
  style('src/server/seeded.ts', 'typescript(no-misused-promises)', 'const work = async () => true\nexport const held = () => { if (work()) return 1; return 2 }\n'),
  style('src/server/seeded.ts', 'typescript(no-explicit-any)', 'export const held = (value: any) => String(value)\n'),
  style('src/server/seeded.ts', 'typescript(no-non-null-assertion)', 'export const held = (value: string | null) => value!.length\n'),
  style('src/server/seeded.ts', 'typescript(ban-ts-comment)', '// @ts-ignore\nexport const held: number = 1\n'),
  style('src/server/seeded.ts', 'typescript(only-throw-error)', 'export function held() { throw "a string" }\n'),
  style('src/server/seeded.ts', 'typescript(switch-exhaustiveness-check)', 'export function held(kind: "a" | "b") { switch (kind) { case "a": return 1 } return 2 }\n'),
  style('src/server/seeded.ts', 'eslint(no-empty)', 'export function held() { try { JSON.parse("") } catch {} }\n'),
  style('src/server/seeded.ts', 'eslint(eqeqeq)', 'export const held = (value: unknown) => value == 1\n'),
  style('src/server/seeded.ts', 'eslint(no-unused-vars)', 'export function held() { const unused = 1 }\n'),
  style('src/server/seeded.ts', 'eslint(no-console)', 'export const held = () => console.log("x")\n'),
  style('src/server/seeded.ts', 'eslint(no-warning-comments)', '// TODO: later\nexport const held = 1\n'),
  style('src/server/seeded.ts', 'import(no-default-export)', 'export default 1\n'),
  style('src/client/views/thread/seeded.tsx', 'react-hooks(rules-of-hooks)', 'import { useState } from "react"\nexport function Held({ on }: { on: boolean }) { if (on) { useState(1) } return null }\n'),
  style('test/seeded.test.ts', 'vitest(no-focused-tests)', 'import { it, expect } from "vitest"\nit.only("is alone", () => { expect(1).toBe(1) })\n'),
]

/** Files that keep the rules, to show that the rules leave room. */
const kept: readonly { readonly path: string; readonly source: string }[] = [
  { path: 'src/shared/kept.ts', source: use('valibot') + "export * from './ids.ts'\n" },
  { path: 'src/shared/protocol/kept.ts', source: use('valibot') + "export * from '../ids.ts'\nexport * from './values.ts'\n" },
  { path: 'src/client/run/kept.ts', source: use('../../shared/ids.ts') + "export * from './state.ts'\n" },
  { path: 'src/client/api/kept.ts', source: use('../../shared/ids.ts') },
  { path: 'src/client/stream/kept.ts', source: use('../run/state.ts') + "export * from '../api/api.ts'\nexport * from '../../shared/ids.ts'\nexport * from '@microsoft/fetch-event-source'\n" },
  { path: 'src/client/store/kept.ts', source: "import type { State } from '../run/state.ts'\nexport * from '../../shared/ids.ts'\nexport * from 'zustand'\nexport const held = (state: State) => state\n" },
  { path: 'src/client/actions/kept.ts', source: use('../api/api.ts') + "export * from '../store/store.ts'\nexport * from '../run/state.ts'\n" },
  { path: 'src/client/views/thread/kept.ts', source: use('../../store/store.ts') + "export * from '../../markdown/render.ts'\nexport * from '../../../shared/ids.ts'\nexport * from '../message/message.ts'\n" },
  { path: 'src/client/main.tsx', source: use('./stream/controller.ts') + "export * from './views/app.tsx'\nexport * from './api/fetch-api.ts'\n" },
  { path: 'src/server/storage/sqlite/kept.ts', source: use('../storage.ts') + "export * from '../../../shared/ids.ts'\nexport * from '../../clock.ts'\nexport * from 'kysely'\n" },
  { path: 'src/server/agents/demo/kept.ts', source: use('../agent.ts') + "export * from '../../../shared/ids.ts'\n" },
  { path: 'src/server/agents/outbound.ts', source: 'export const held = () => fetch("http://127.0.0.1/")\n' },
  { path: 'src/server/runs/kept.ts', source: use('../storage/storage.ts') + "export * from '../agents/agent.ts'\nexport * from '../clock.ts'\n" },
  { path: 'src/server/routes/kept.ts', source: use('../runs/runs.ts') + "export * from '../sse/feed.ts'\nexport * from '../storage/storage.ts'\nexport * from 'hono'\n" },
  { path: 'src/server/main.ts', source: use('./storage/sqlite/storage.ts') + "export * from './agents/demo/demo.ts'\n" },
]

interface Tree {
  readonly path: string
  write(path: string, source: string): void
  remove(): void
}

/** An empty tree with the settings of this one. */
function createTree(): Tree {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-rules-'))
  const write = (name: string, source: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), source)
  }
  for (const name of settings) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    cpSync(join(root, name), join(path, name))
  }
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  write('package.json', '{"type":"module"}')
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) }
}

interface Finding {
  /** Absent for what the compiler says. */
  readonly code?: string
  readonly filename: string
}

function lint(tree: Tree): readonly Finding[] {
  const ran = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--type-aware', '-f', 'json', '--ignore-pattern', 'node_modules'], { cwd: tree.path, encoding: 'utf8', maxBuffer: 1 << 26 })
  const report = JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{'))) as { diagnostics: Finding[]; number_of_files: number }
  expect(report.number_of_files, 'the linter read files').toBeGreaterThan(0)
  return report.diagnostics
}

/** Seeds live at `src/x/seeded.ts`; to lint all at once each gets a name of its own. One file name is a rule by itself: the controller. */
const placed = seeds.map((seed, i) => ({ ...seed, path: seed.path.replace('/seeded', `/seeded-${i}`) }))

describe('each rule of the house fires', () => {
  let tree: Tree
  let findings: readonly Finding[]
  beforeAll(() => {
    tree = createTree()
    const controllers = placed.filter((seed) => seed.path.endsWith('controller.ts'))
    for (const seed of placed) if (!controllers.includes(seed)) tree.write(seed.path, seed.source)
    tree.write('src/client/stream/controller.ts', controllers.map((seed, i) => seed.source.replace('held', `held${i}`)).join(''))
    tree.write('src/server/ring-a.ts', "import { b } from './ring-b.ts'\nexport const a = () => b\n")
    tree.write('src/server/ring-b.ts', "import { a } from './ring-a.ts'\nexport const b = () => a\n")
    findings = lint(tree)
  }, 60_000)
  afterAll(() => tree.remove())

  it.each(placed)('$rule in $path: $source', ({ path, rule }) => {
    expect(findings.filter((finding) => finding.filename === path).map((finding) => finding.code)).toContain(rule)
  })

  it('counts every barred word of the controller', () => {
    expect(findings.filter((finding) => finding.filename === 'src/client/stream/controller.ts' && finding.code === 'eslint(no-restricted-globals)')).toHaveLength(3)
  })

  it('finds a ring of imports', () => {
    expect(findings.filter((finding) => finding.code === 'import(no-cycle)').map((finding) => finding.filename)).toContain('src/server/ring-a.ts')
  })
})

describe('what keeps the rules passes', () => {
  it('in every folder', () => {
    const tree = createTree()
    try {
      for (const file of kept) tree.write(file.path, file.source)
      const imports = lint(tree).filter((finding) => finding.code?.startsWith('eslint(no-restricted'))
      expect(imports).toEqual([])
    } finally {
      tree.remove()
    }
  }, 60_000)
})

describe('each folder knows only its own world', () => {
  const strangers: readonly { readonly project: string; readonly path: string; readonly source: string; readonly error: string }[] = [
    { project: 'src/shared', path: 'src/shared/seeded.ts', source: 'export const held = () => setTimeout(() => 1, 1)\n', error: 'TS2304' },
    { project: 'src/shared', path: 'src/shared/seeded.ts', source: 'export const held = () => document.title\n', error: 'TS2584' },
    { project: 'src/shared', path: 'src/shared/seeded.ts', source: 'export const held = () => process.pid\n', error: 'TS2591' },
    { project: 'src/client/run', path: 'src/client/run/seeded.ts', source: 'export const held = () => document.title\n', error: 'TS2584' },
    { project: 'src/client/run', path: 'src/client/run/seeded.ts', source: 'export const held = () => setTimeout(() => 1, 1)\n', error: 'TS2304' },
    { project: 'src/client', path: 'src/client/seeded.ts', source: 'export const held = () => process.pid\n', error: 'TS2591' },
    { project: 'src/client', path: 'src/client/seeded.ts', source: "export { pid } from 'node:process'\n", error: 'TS2591' },
    { project: 'src/server', path: 'src/server/seeded.ts', source: 'export const held = () => document.title\n', error: 'TS2584' },
    { project: 'src/shared', path: 'src/shared/seeded.ts', source: 'export const held = (list: number[]): number => list[0]\n', error: 'TS2322' },
    { project: 'src/shared', path: 'src/shared/seeded.ts', source: 'export const held: { a?: number } = { a: undefined }\n', error: 'TS2375' },
    { project: 'src/server', path: 'src/server/seeded.ts', source: 'export enum Held { A }\n', error: 'TS1294' },
    { project: 'src/server', path: 'src/server/seeded.ts', source: "import { Held } from './held.ts'\nexport const held = (value: Held) => value\n", error: 'TS1484' },
  ]

  it.each(strangers)('$project does not compile with $source', ({ project, path, source, error }) => {
    const tree = createTree()
    try {
      // A project with no file of its own does not build: each referenced one gets something.
      for (const folder of ['src/shared', 'src/client/run', 'src/client', 'src/server']) tree.write(`${folder}/held.ts`, 'export interface Held { readonly a: number }\n')
      const tsc = () => spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', project, '--pretty', 'false'], { cwd: tree.path, encoding: 'utf8' })
      const clean = tsc()
      expect(clean.stdout + clean.stderr, 'compiles without the seed').toBe('')
      tree.write(path, source)
      const seeded = tsc()
      expect(seeded.status).not.toBe(0)
      expect(seeded.stdout).toContain(error)
    } finally {
      tree.remove()
    }
  }, 60_000)
})
