/** Where React draws in a test, and how a person presses what is drawn. */
import { act } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import { afterEach, beforeEach, vi } from 'vitest'

export interface Host {
  /** Of the test that runs now. */
  readonly element: HTMLElement
  render(node: ReactNode): Promise<void>
  /** Throws where there is none with this name. */
  button(label: string, within?: ParentNode): HTMLButtonElement
  press(label: string, within?: ParentNode): Promise<void>
}

/** Call at the top of a file: each of its tests gets an empty page of its own. */
export function useHost(): Host {
  let root: Root
  let element: HTMLElement
  beforeEach(() => {
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
    element = document.body.appendChild(document.createElement('div'))
    root = createRoot(element)
  })
  afterEach(async () => {
    await act(async () => root.unmount())
    element.remove()
    vi.unstubAllGlobals()
  })
  const host: Host = {
    get element() {
      return element
    },
    render: (node) => act(async () => root.render(node)),
    button(label, within = element) {
      const found = [...within.querySelectorAll<HTMLButtonElement>('button')].find((one) => (one.getAttribute('aria-label') ?? one.textContent) === label)
      if (found === undefined) throw new Error(`there is no button “${label}”`)
      return found
    },
    press: (label, within) => act(async () => host.button(label, within).click()),
  }
  return host
}
