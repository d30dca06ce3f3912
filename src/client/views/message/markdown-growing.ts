import { onDemand } from '../ui/on-demand.ts'

/** What draws answers while they grow; fetched once the first thread is drawn, and before a run is followed. */
export const growing = onDemand(async () => (await import('../../markdown/follow.ts')).followIn)
