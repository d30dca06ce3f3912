/** The doorway from React to the store and to the actions; both live and are tested without it. */
import { createContext, createElement, use } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useStore as useZustand } from 'zustand'
import type { Actions, State } from './state.ts'
import type { Store } from './store.ts'

interface Page {
  readonly store: Store
  readonly actions: Actions
}

const PageContext = createContext<Page | null>(null)

export interface StoreProviderProps extends Page {
  readonly children?: ReactNode
}

export function StoreProvider({ store, actions, children }: StoreProviderProps): ReactElement {
  return createElement(PageContext, { value: { store, actions } }, children)
}

/** Draws again when what `selector` gives is another object: it must give the same one for the same state. */
export function useStore<T>(selector: (state: State) => T): T {
  return useZustand(usePage().store, selector)
}

/** The state of the moment at which it is called, for what is done and not drawn. */
export function useGetState(): () => State {
  return usePage().store.getState
}

export function useActions(): Actions {
  return usePage().actions
}

function usePage(): Page {
  const page = use(PageContext)
  if (page === null) throw new Error('This part of the page stands outside of StoreProvider; wrap it in one.')
  return page
}
