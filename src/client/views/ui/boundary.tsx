import { Component } from 'react'
import type { ErrorInfo, ReactNode } from 'react'

interface BoundaryProps {
  /** Shown instead of `children` when drawing them fails. */
  readonly instead: ReactNode
  readonly children: ReactNode
}

/** A part that cannot be drawn must not take the page, or the stream, with it. */
export class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error('A part of the page could not be drawn; its plain text is shown.', error, info.componentStack)
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.instead : this.props.children
  }
}
