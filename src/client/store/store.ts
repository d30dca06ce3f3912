/** The page's one store: zustand's vanilla store behind three functions. Slices are pure functions from State to State. */
import { createStore as createZustand } from 'zustand/vanilla'
import { defaultPreferences } from './preferences.ts'
import type { State } from './state.ts'

export type Listener = (state: State, before: State) => void

export interface Store {
  getState(): State
  getInitialState(): State
  /** Calls `listener` after each commit; the answer unsubscribes. */
  subscribe(listener: Listener): () => void
  /** One commit. A change that gives back the same state is none. */
  update(change: (state: State) => State): void
}

export interface StoreOptions {
  readonly initial?: Partial<State>
  /** Told of a listener that threw. */
  readonly onListenerError?: (error: unknown) => void
}

export const emptyState: State = {
  threads: { byId: {}, order: [], status: 'loading', error: null, cursor: null },
  content: {},
  current: null,
  target: null,
  agents: null,
  choice: { agent: null, model: null },
  drafts: {},
  attached: {},
  uploads: {},
  server: { kind: 'connecting' },
  archive: { status: 'idle', error: null, cursor: null },
  toasts: [],
  newVersion: false,
  preferences: defaultPreferences,
  settings: null,
}

export function createStore({ initial = {}, onListenerError = () => undefined }: StoreOptions = {}): Store {
  const zustand = createZustand<State>(() => ({ ...emptyState, ...initial }))
  return {
    getState: zustand.getState,
    getInitialState: zustand.getInitialState,
    subscribe: (listener) =>
      zustand.subscribe((state, before) => {
        // A part of the page that fails to draw must not stop the stream that brought the text, nor the other listeners.
        try {
          listener(state, before)
        } catch (error) {
          onListenerError(error)
        }
      }),
    update(change) {
      zustand.setState((state) => change(state), true)
    },
  }
}
