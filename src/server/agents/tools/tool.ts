/** A tool that runs inside the server. Each adapter shows it to its backend in its own way. */
export interface Tool {
  readonly name: string
  /** For the model: what it does and when to use it. */
  readonly description: string
  /** JSON Schema of the input; the tool checks what it gets by itself. */
  readonly inputSchema: { readonly type: 'object'; readonly properties: Readonly<Record<string, object>>; readonly required: readonly string[] }
  /** Takes the parsed input, answers with JSON text. Throws an Error whose message may be shown to model and person. */
  run(input: unknown): string
}

/** Reads one text field of a tool's input; null where it is left out. Throws if it is something else. */
export function textField(input: unknown, name: string): string | null {
  const value = typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[name] : undefined
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw new Error(`"${name}" must be text`)
  return value
}
