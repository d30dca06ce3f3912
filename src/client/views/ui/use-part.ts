import { useEffect, useState } from 'react'
import { prepared } from './on-demand.ts'
import type { OnDemand } from './on-demand.ts'

/** A part while it is `wanted`; null until it is here. One that did not come is asked for again when it is next wanted. */
export function usePart<T>(part: OnDemand<T>, wanted: boolean): T | null {
  const [, setHere] = useState(part.get() !== null)
  useEffect(() => {
    if (wanted && part.get() === null) void prepared(part).then(setHere)
  }, [part, wanted])
  return wanted ? part.get() : null
}
