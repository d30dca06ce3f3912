import { fetchedLater } from '../../markdown/show.ts'

/** What draws answers while they grow; fetched once the first thread is drawn, and before a run is followed. */
export const growing = fetchedLater(async () => (await import('../../markdown/follow.ts')).followIn)
