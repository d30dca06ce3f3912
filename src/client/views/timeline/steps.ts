/** A run as the steps that a timeline shows, told by the fold of its events. Pure. */
import type { Message, Notice, PartState } from '../../../shared/protocol.ts'

export type StepKind = 'thinking' | 'answer' | 'tool' | 'approval' | 'notice'

export interface Step {
  readonly id: string
  readonly kind: StepKind
  /** A tool's name, an approval's question, a notice's words; empty where the kind says it all. */
  readonly name: string
  /** Server ms. */
  readonly startedAt: number
  /** Null: it still goes on. */
  readonly endedAt: number | null
  readonly state: PartState
  /** How deep below the run: a sub-agent's steps stand under the tool that called it. */
  readonly depth: number
}

interface Told {
  readonly replies: readonly Pick<Message, 'id' | 'parent' | 'parts'>[]
  readonly notices: readonly Notice[]
  /** When the run ended; undefined while it goes on. What it left open ended with it. */
  readonly endedAt?: number | undefined
}

/** Steps in the order in which they began. */
export function stepsOf({ replies, notices, endedAt }: Told): Step[] {
  const owners = new Map(replies.flatMap((reply) => reply.parts.map((part) => [part.id as string, reply])))
  const depthOf = (reply: Told['replies'][number] | undefined, most = 8): number =>
    reply?.parent === undefined || most === 0 ? 0 : 1 + depthOf(owners.get(reply.parent), most - 1)
  const steps: Step[] = []
  for (const reply of replies) {
    const depth = depthOf(reply)
    for (const part of reply.parts) {
      if (part.kind === 'file' || part.kind === 'source') continue
      const kind = part.kind === 'text' ? 'answer' : part.kind
      const step = { id: `${reply.id} ${part.id}`, startedAt: part.startedAt, endedAt: part.endedAt ?? endedAt ?? null, state: part.state, depth }
      steps.push({ ...step, kind, name: part.kind === 'tool' ? part.name : '' })
      if (part.kind === 'tool' && part.approval !== undefined) {
        const { id, question, requestedAt, answeredAt, state } = part.approval
        const ended = answeredAt ?? part.endedAt ?? endedAt ?? null
        steps.push({ id, kind: 'approval', name: question, startedAt: requestedAt, endedAt: ended, state: state === 'pending' ? 'open' : state === 'expired' ? 'stopped' : 'done', depth: depth + 1 })
      }
    }
  }
  for (const [index, { at, text, level }] of notices.entries()) {
    steps.push({ id: `notice ${index}`, kind: 'notice', name: text, startedAt: at, endedAt: at, state: level === 'error' ? 'failed' : 'done', depth: 0 })
  }
  return steps.toSorted((a, b) => a.startedAt - b.startedAt)
}

/** Where a step stands between two instants, in shares of the whole; never so narrow that it cannot be seen. */
export interface Bar {
  readonly start: number
  readonly width: number
}

const NARROWEST = 0.006

/** `now` stands for the end of what still goes on. Clocks that disagree put nothing outside of the whole. */
export function barOf(step: Pick<Step, 'startedAt' | 'endedAt'>, from: number, to: number, now = to): Bar {
  const whole = Math.max(1, to - from)
  const share = (at: number) => Math.min(1, Math.max(0, (at - from) / whole))
  const start = Math.min(share(step.startedAt), 1 - NARROWEST)
  return { start, width: Math.max(NARROWEST, Math.min(1, share(step.endedAt ?? now)) - start) }
}
