/** The hidden sandboxed frame in which diagrams are drawn, as the page sees it. */
export interface DrawOrder {
  readonly source: string
  readonly theme: Readonly<Record<string, string>>
  readonly dark: boolean
  readonly font: string
}

export interface Drawn {
  /** An SVG document as text. Whoever drew it is not trusted: it may be shown as a picture only, where nothing in it runs or loads. */
  readonly svg: string
  readonly width: number
  readonly height: number
}

export interface Drawing {
  /** Rejects with a `DiagramProblem`. Orders are carried out one after the other. */
  draw(order: DrawOrder): Promise<Drawn>
}

/** `mistake`: Mermaid does not understand the source, and says so in `message`. */
export type Reason = 'mistake' | 'too-large' | 'too-slow' | 'unreachable'

export class DiagramProblem extends Error {
  readonly reason: Reason
  constructor(reason: Reason, message: string = reason) {
    super(message)
    this.reason = reason
  }
}

type Reply = { readonly id: number } & (Drawn | { readonly problem: string })

/** Mermaid itself is 2.5 MB: the first diagram waits until that is loaded and compiled. */
const LOAD_MS = 60_000
/** A diagram that takes longer takes for ever; the frame has a process of its own, so the page does not notice. */
const ANSWER_MS = 20_000
const LONGEST_SOURCE = 50_000
const LARGEST_SVG = 2_000_000

export function createDrawing(page: string, host: HTMLElement): Drawing {
  const { ownerDocument } = host
  let frame: HTMLIFrameElement | null = null
  let port: Promise<MessagePort> | null = null
  let orders = 0
  let turn: Promise<unknown> = Promise.resolve()

  const close = () => {
    frame?.remove()
    frame = null
    port = null
  }
  const open = (): Promise<MessagePort> => {
    const made = ownerDocument.createElement('iframe')
    frame = made
    made.setAttribute('sandbox', 'allow-scripts')
    made.setAttribute('aria-hidden', 'true')
    made.tabIndex = -1
    made.className = 'diagram-frame'
    const loaded = new Promise<MessagePort>((resolve) => {
      made.addEventListener('load', () => {
        const { port1, port2 } = new MessageChannel()
        // An opaque origin has no name to address it by. The window is ours, and it is told nothing but where to answer.
        made.contentWindow?.postMessage('draw', '*', [port2])
        resolve(port1)
      }, { once: true })
    })
    made.src = page
    host.append(made)
    return within(loaded, LOAD_MS, 'unreachable')
  }
  const carryOut = async (order: DrawOrder): Promise<Drawn> => {
    if (order.source.length > LONGEST_SOURCE) throw new DiagramProblem('too-large')
    let reply: Reply
    try {
      port ??= open()
      const line = await port
      const id = ++orders
      reply = await within(new Promise<Reply>((resolve) => {
        line.onmessage = ({ data }: MessageEvent<Reply>) => {
          if (data.id === id) resolve(data)
        }
        line.postMessage({ id, ...order })
      }), ANSWER_MS, 'too-slow')
    } catch (error) {
      // A frame that does not answer is busy with this diagram for ever; the next one gets a new one.
      close()
      throw error
    }
    if ('problem' in reply) throw new DiagramProblem('mistake', reply.problem)
    if (typeof reply.svg !== 'string' || reply.svg.length > LARGEST_SVG || !(reply.width > 0 && reply.height > 0)) throw new DiagramProblem('too-large')
    return reply
  }

  return {
    draw(order) {
      const drawn = turn.then(() => carryOut(order))
      turn = drawn.catch(() => null)
      return drawn
    },
  }
}

async function within<T>(promise: Promise<T>, ms: number, reason: Reason): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DiagramProblem(reason)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
