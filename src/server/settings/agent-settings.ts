/**
 * The agents that people set up: kept in the database with their keys sealed, offered at once, without a restart. What the environment
 * names stands above them and cannot be changed here; servers on this machine are found and offered beside them.
 */
import type { Agent, Missing } from '../agents/agent.ts'
import { AgentError, describeMissing } from '../agents/agent.ts'
import type { AddAgent, AgentSetting, AgentTest, ChangeAgent, TestAgent } from '../../shared/protocol.ts'
import type { Log } from '../log.ts'
import type { Storage, StoredAgent } from '../storage/storage.ts'
import { SecretError } from './secrets.ts'
import type { Secrets } from './secrets.ts'

export interface AgentSettings {
  /** What is set up, as it may be shown: never a key. */
  list(): Promise<readonly AgentSetting[]>
  add(input: AddAgent): Promise<AgentSetting>
  /** Null: no such agent here, or one of the environment. */
  change(id: string, input: ChangeAgent): Promise<AgentSetting | null>
  remove(id: string): Promise<boolean>
  /** Asks the provider for its models, with what is typed or what is kept. */
  test(input: TestAgent): Promise<AgentTest>
  /** Looks for model servers on this machine. */
  find(): Promise<void>
}

/** How an agent for a provider is made; `missing` says why it cannot be used. */
export interface ProviderAgent {
  readonly id: string
  readonly title: string
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly model: string | null
  readonly missing: Missing | null
}

export interface LocalAgent {
  readonly id: string
  readonly title: string
  readonly baseUrl: string
}

export interface AgentSettingsDeps {
  readonly storage: Pick<Storage, 'listAgents' | 'putAgent' | 'removeAgent'>
  readonly secrets: Secrets
  /** The agent that variables name: it answers where nobody chose. */
  readonly environment: { readonly agent: Agent; readonly baseUrl: string; readonly model: string | null; readonly hasKey: boolean } | null
  /** Offered last; answers where there is no other. */
  readonly builtIn: Agent
  readonly makeAgent: (provider: ProviderAgent) => Agent
  /** Rejects with an AgentError that names cause and remedy. */
  readonly listModels: (provider: { readonly baseUrl: string; readonly apiKey: string | null }) => Promise<readonly string[]>
  readonly findLocal: () => Promise<readonly LocalAgent[]>
  /** Takes what is offered now. */
  readonly offer: (agents: readonly Agent[], defaultId: string) => void
  readonly newId: () => string
  readonly now: () => number
  readonly log: Log
}

/** Reads what is kept and offers it. */
export async function createAgentSettings(deps: AgentSettingsDeps): Promise<AgentSettings> {
  const { storage, secrets, environment, builtIn, makeAgent, listModels, findLocal, offer, newId, now, log } = deps
  /** Made once for each state of its record, so that it keeps what it learned of its models. */
  const made = new Map<string, { readonly of: string; readonly agent: Agent }>()
  let found: readonly LocalAgent[] = []
  let last: Promise<unknown> = Promise.resolve()

  /** One change after the other: each begins with what the one before left. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work)
    last = turn.catch(() => undefined)
    return turn
  }

  const shadowed = (baseUrl: string) => environment?.baseUrl === baseUrl

  async function agentOf(record: StoredAgent): Promise<Agent> {
    const of = JSON.stringify(record)
    const known = made.get(record.id)
    if (known?.of === of) return known.agent
    const key = await openKey(record)
    const agent = makeAgent({ id: record.id, title: record.title, baseUrl: record.baseUrl, model: record.model, apiKey: key.apiKey, missing: key.missing })
    made.set(record.id, { of, agent })
    return agent
  }

  async function openKey({ id, sealedKey }: StoredAgent): Promise<{ apiKey: string | null; missing: Missing | null }> {
    try {
      return { apiKey: sealedKey === null ? null : await secrets.open(sealedKey, id), missing: null }
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      log.warn({ agent: id, err: error }, 'the key of an agent cannot be read')
      return { apiKey: null, missing: error.missing }
    }
  }

  async function offerAll(): Promise<void> {
    const records = (await storage.listAgents()).filter((record) => !shadowed(record.baseUrl))
    const stored = await Promise.all(records.map(agentOf))
    const local = found
      .filter(({ baseUrl }) => !shadowed(baseUrl) && !records.some((record) => record.baseUrl === baseUrl))
      .map((server) => {
        const agent = made.get(server.id)?.agent ?? makeAgent({ ...server, apiKey: null, model: null, missing: null })
        made.set(server.id, { of: '', agent })
        return agent
      })
    const agents = [...(environment === null ? [] : [environment.agent]), ...stored, ...local, builtIn]
    const first = environment?.agent ?? stored.find((agent) => agent.describe().ready) ?? builtIn
    offer(agents, first.describe().id)
  }

  async function shown(record: StoredAgent): Promise<AgentSetting> {
    const { missing } = await openKey(record)
    return {
      id: record.id, title: record.title, baseUrl: record.baseUrl, model: record.model, hasKey: record.sealedKey !== null, source: 'settings',
      shadowed: shadowed(record.baseUrl), ...problemOf(missing),
    }
  }

  async function save(record: StoredAgent): Promise<AgentSetting> {
    await storage.putAgent(record)
    await offerAll()
    return shown(record)
  }

  /** The typed address as it is; where nothing speaks there, with the /v1 that is most often left out. */
  async function test(baseUrl: string, apiKey: string | null): Promise<AgentTest> {
    try {
      return { ok: true, baseUrl, models: [...await listModels({ baseUrl, apiKey })] }
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      if (!/\/v\d+$/.test(baseUrl)) {
        const longer = `${baseUrl}/v1`
        const models = await listModels({ baseUrl: longer, apiKey }).catch(() => null)
        if (models !== null) return { ok: true, baseUrl: longer, models: [...models] }
      }
      return { ok: false, message: error.message, code: error.code }
    }
  }

  await offerAll()
  return {
    async list() {
      const records = await storage.listAgents()
      const known = new Set(records.map((record) => record.baseUrl))
      return [
        ...(environment === null ? [] : [{
          id: environment.agent.describe().id, title: environment.agent.describe().title, baseUrl: environment.baseUrl, model: environment.model,
          hasKey: environment.hasKey, source: 'environment' as const, shadowed: false,
        }]),
        ...await Promise.all(records.map(shown)),
        ...found.filter(({ baseUrl }) => !known.has(baseUrl) && !shadowed(baseUrl))
          .map((server) => ({ ...server, model: null, hasKey: false, source: 'found' as const, shadowed: false })),
      ]
    },
    add: ({ title, baseUrl, key, model }) => inTurn(async () => {
      const id = newId()
      return save({ id, title, baseUrl, model: model ?? null, sealedKey: key === undefined ? null : await secrets.seal(key, id), createdAt: now() })
    }),
    change: (id, input) => inTurn(async () => {
      const record = (await storage.listAgents()).find((one) => one.id === id)
      if (record === undefined) return null
      return save({
        ...record,
        ...(input.title === undefined ? {} : { title: input.title }),
        ...(input.baseUrl === undefined ? {} : { baseUrl: input.baseUrl }),
        ...(input.model === undefined ? {} : { model: input.model }),
        // A key is for the server that it was entered for: it is not sent to another one.
        ...(input.baseUrl === undefined || sameServer(input.baseUrl, record.baseUrl) ? {} : { sealedKey: null }),
        ...(input.key === undefined ? {} : { sealedKey: input.key === null ? null : await secrets.seal(input.key, id) }),
      })
    }),
    remove: (id) => inTurn(async () => {
      const removed = await storage.removeAgent(id)
      made.delete(id)
      if (removed) await offerAll()
      return removed
    }),
    async test({ id, baseUrl, key }) {
      const record = id === undefined ? undefined : (await storage.listAgents()).find((one) => one.id === id)
      const address = baseUrl ?? record?.baseUrl
      if (address === undefined) return { ok: false, code: 'unknown_agent', message: 'There is no such agent any more. Add it again.' }
      if (key !== undefined) return test(address, key)
      if (record === undefined || !sameServer(record.baseUrl, address)) return test(address, null)
      const { apiKey, missing } = await openKey(record)
      return missing === null ? test(address, apiKey) : { ok: false, code: missing.code, message: missing.detail }
    },
    async find() {
      const next = await findLocal()
      await inTurn(async () => {
        const same = next.length === found.length && next.every((server, i) => server.id === found[i]?.id)
        found = next
        if (!same) await offerAll()
      })
    },
  }
}

function problemOf(missing: Missing | null): Pick<AgentSetting, 'problem' | 'why'> {
  const { missing: problem, why } = describeMissing(missing)
  return problem === undefined ? {} : { problem, why }
}

function sameServer(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin
}
