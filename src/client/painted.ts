/**
 * What `main.tsx` imports first: the page's code runs only once its outline has been painted, because it takes a slow machine longer than a person
 * should look at nothing. Where nobody looks it runs at once: a page out of sight paints nothing.
 */
if (document.visibilityState === 'visible') {
  await new Promise<void>((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
  })
}
export {}
