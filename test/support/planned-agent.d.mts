import type { Agent } from '../../src/server/agents/agent.ts'

/** The pieces that a plan pours, in order. */
export function piecesOf(plan: { readonly pieces: number; readonly chars: number; readonly name?: string }): readonly string[]
export function createPlannedAgent(): Agent
