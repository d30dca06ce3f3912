/** The doorway from React to the store and to the actions; both live and are tested without it. */
import { createContext, createElement, use, useLayoutEffect, useState } from 'react'
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

/**
 * Calls `tell` with what `selector` gives, before the first paint and after each commit that changed it; draws nothing. Both must stay the same
 * functions for as long as they mean the same. `selector` null: there is nothing to be told. What `tell` throws reaches the nearest boundary.
 */
export function useTold<T>(selector: ((state: State) => T) | null, tell: (value: T) => void): void {
  const { store } = usePage()
  const [, fail] = useState<null>(null)
  useLayoutEffect(() => {
    if (selector === null) return undefined
    let told: { readonly value: T } | null = null
    const look = () => {
      const value = selector(store.getState())
      if (told !== null && Object.is(told.value, value)) return
      told = { value }
      tell(value)
    }
    look()
    return store.subscribe(() => {
      try {
        look()
      } catch (error) {
        // Outside of a drawing nobody would hear of it.
        fail(() => { throw error })
      }
    })
  }, [store, selector, tell])
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
