/** What a person can set up. Answers are values, not toasts: they belong beside the field that was being filled in. */
import type { Actions } from '../store/state.ts'
import type { PartDeps } from './deps.ts'
import { tried } from './trouble.ts'

export type SettingsActions = Pick<Actions, 'openSettings' | 'agentSettings' | 'saveAgent' | 'removeAgent' | 'testAgent' | 'deleteEverything'>

export function createSettings({ store, api, settingsAddress, forgetEverything, explain }: Pick<PartDeps, 'store' | 'api' | 'settingsAddress' | 'forgetEverything' | 'explain'>): SettingsActions {
  return {
    openSettings(section) {
      settingsAddress.show(section)
      store.update((state) => ({ ...state, settings: section }))
    },
    agentSettings: (find) => tried(explain, async () => (await api.agentSettings(find)).agents),
    saveAgent: (agent, { title, baseUrl, key, model }) => tried(explain, () => (agent === null
      ? api.addAgent({ title, baseUrl, model, ...(typeof key === 'string' ? { key } : {}) })
      : api.changeAgent(agent, { title, baseUrl, model, ...(key === undefined ? {} : { key }) }))),
    removeAgent: (agent) => tried(explain, () => api.removeAgent(agent)),
    testAgent: (body) => tried(explain, () => api.testAgent(body)),
    deleteEverything: () => tried(explain, async () => {
      await api.deleteEverything()
      await forgetEverything()
    }),
  }
}
