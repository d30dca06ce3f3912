/** How large a picture is drawn, so that its room is there before it is. Pure. */

/** Px of the page. */
const WIDEST = 360
const HIGHEST = 320

/** Scaled down to fit, never up; at least 1 px each way. */
export function pictureBox(width: number, height: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
