/**
 * The script of the sandboxed page that draws diagrams: it is put, with Mermaid, into one HTML file by the build (`diagram-page.ts`). That page has an
 * opaque origin and a policy of its own: no network, no storage, nothing of the app but the port it is handed. No imports: it is not a module.
 */
interface MermaidApi {
  initialize(config: object): void
  render(id: string, source: string): Promise<{ readonly svg: string }>
}

/** `theme`: Mermaid's theme variables, as hex colours. */
interface DrawRequest {
  readonly id: number
  readonly source: string
  readonly theme: Readonly<Record<string, string>>
  readonly dark: boolean
  readonly font: string
}

const { mermaid } = globalThis as unknown as { readonly mermaid: MermaidApi }
let port: MessagePort | null = null
let turn: Promise<void> = Promise.resolve()

window.addEventListener('message', ({ source, ports: [handed] }: MessageEvent) => {
  if (port !== null || source !== window.parent || handed === undefined) return
  port = handed
  port.onmessage = ({ data }: MessageEvent<DrawRequest>) => {
    turn = turn.then(() => drawDiagram(data))
  }
})

async function drawDiagram({ id, source, theme, dark, font }: DrawRequest): Promise<void> {
  try {
    mermaid.initialize({
      startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true, deterministicIds: true,
      maxTextSize: 50_000, maxEdges: 1_000, htmlLabels: false, flowchart: { htmlLabels: false, useMaxWidth: false }, fontFamily: font, fontSize: 14,
      theme: 'base', darkMode: dark, themeVariables: { ...theme, darkMode: dark, fontFamily: font, fontSize: '14px' },
    })
    const { svg } = await mermaid.render(`diagram-${id}`, source)
    const drawn = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement
    const [, , width = 0, height = 0] = (drawn.getAttribute('viewBox') ?? '').split(/[\s,]+/).map(Number)
    if (!(width > 0 && height > 0)) throw new Error('It has no size.')
    drawn.setAttribute('width', String(Math.ceil(width)))
    drawn.setAttribute('height', String(Math.ceil(height)))
    drawn.removeAttribute('style')
    port?.postMessage({ id, svg: new XMLSerializer().serializeToString(drawn), width: Math.ceil(width), height: Math.ceil(height) })
  } catch (error) {
    port?.postMessage({ id, problem: String(error instanceof Error ? error.message : error).slice(0, 300) })
  } finally {
    // Mermaid leaves what it measured with behind when it fails.
    document.body.replaceChildren()
  }
}
