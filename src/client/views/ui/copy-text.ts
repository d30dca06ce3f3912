/** Puts exactly this text on the clipboard. False if the browser refuses (no permission, no secure context). */
export async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    return false // the browser gives no more reason than "not allowed"; the caller tells the person what to do
  }
}
