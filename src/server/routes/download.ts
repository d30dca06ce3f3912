/** A Content-Disposition that names a file in any script. */
export function attachmentHeader(name: string, how: 'attachment' | 'inline' = 'attachment'): string {
  return `${how}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)}`
}
