import type { State, Toast } from '../store/state.ts'
import type { ActionDeps } from './deps.ts'

export interface Toasts {
  /** Shows a short text for a while. */
  show(text: string, action?: Toast['action']): void
  dismiss(id: string): void
}

const SHOWN_MS = 8_000
/** Undo needs time to be read and reached. */
const SHOWN_WITH_ACTION_MS = 12_000
const MOST = 4

export function createToasts({ store, newId, clock }: Pick<ActionDeps, 'store' | 'newId' | 'clock'>): Toasts {
  const drop = (id: string) => store.update((state) => without(state, id))
  return {
    show(text, action) {
      const id = newId()
      const used = action && { label: action.label, run: () => { drop(id); action.run() } }
      store.update((state) => {
        // The same trouble told twice is one toast: the newer stands for both.
        const others = state.toasts.filter((toast) => toast.text !== text || toast.action !== undefined)
        return { ...state, toasts: [...others, { id, text, action: used }].slice(-MOST) }
      })
      clock.after(action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS, () => drop(id))
    },
    dismiss: drop,
  }
}

function without(state: State, id: string): State {
  const toasts = state.toasts.filter((toast) => toast.id !== id)
  return toasts.length === state.toasts.length ? state : { ...state, toasts }
}
