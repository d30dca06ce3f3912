/** Calls `change` once the selection neither begins nor ends inside `element`, which may be now: nobody's hold on a text is taken away. */
export function whenNotHeld(element: HTMLElement, change: () => void): void {
  if (!touches(element)) return change()
  const { ownerDocument } = element
  const look = () => {
    if (touches(element)) return
    ownerDocument.removeEventListener('selectionchange', look)
    change()
  }
  ownerDocument.addEventListener('selectionchange', look)
}

function touches(element: HTMLElement): boolean {
  const selection = element.ownerDocument.getSelection()
  return selection !== null && (element.contains(selection.anchorNode) || element.contains(selection.focusNode))
}
