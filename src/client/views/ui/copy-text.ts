/** Puts exactly this text on the clipboard. False if the browser refuses (no permission, no secure context). */
export async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch (error) {
    console.warn('The clipboard refused a copy.', error)
    return false
  }
}
