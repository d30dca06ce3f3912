/** Tells when an element comes near the screen. */
export interface Sight {
  /** Calls back once. */
  watch(element: Element, seen: () => void): void
}

/** `margin`: how far from the screen counts as near, as in CSS. */
export function createSight(margin: string): Sight {
  const callbacks = new WeakMap<Element, () => void>()
  let observer: IntersectionObserver | null = null
  const look = (entries: readonly IntersectionObserverEntry[]) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      observer?.unobserve(target)
      const seen = callbacks.get(target)
      callbacks.delete(target)
      seen?.()
    }
  }
  return {
    watch(element, seen) {
      callbacks.set(element, seen)
      observer ??= new IntersectionObserver(look, { rootMargin: margin, scrollMargin: margin })
      observer.observe(element)
    },
  }
}
