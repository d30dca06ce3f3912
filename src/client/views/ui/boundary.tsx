import { Component } from 'react'
import type { ReactNode } from 'react'

interface BoundaryProps {
  /** Shown instead of `children` when drawing them fails. */
  readonly instead: ReactNode
  readonly children: ReactNode
}

/** A part that cannot be drawn must not take the page, or the stream, with it. React itself logs what was caught. */
export class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.instead : this.props.children
  }
}
