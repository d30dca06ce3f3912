/** What the bench asks of a renderer. Each stands in a module of its own that exports `create`. */
export interface BenchRenderer {
  /** Takes in one delta. */
  push(delta: string): void
  /** Shows what came since the last frame. Called in an animation frame. */
  frame(): void
  /** Nothing more comes. */
  end(): void
}

export type CreateRenderer = (host: HTMLElement) => BenchRenderer

/** Every renderer: its name in the table, and its module. `others` need the packages of this folder. */
export const renderers: Readonly<Record<string, { readonly title: string; readonly module: string; readonly packages: boolean }>> = {
  ours: { title: 'ours', module: 'renderers/ours.ts', packages: false },
  floor: { title: 'floor: a div per line', module: 'renderers/floor.ts', packages: false },
  smd: { title: 'streaming-markdown', module: 'others/streaming-markdown.ts', packages: true },
  streamdown: { title: 'streamdown with code', module: 'others/streamdown.tsx', packages: true },
  blocks: { title: 'memoised blocks', module: 'others/memoised-blocks.tsx', packages: true },
  react: { title: 'react-markdown, whole', module: 'others/react-markdown.tsx', packages: true },
  html: { title: 'marked + innerHTML', module: 'others/marked-html.ts', packages: true },
}
