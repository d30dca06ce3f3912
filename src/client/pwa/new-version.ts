/** Whether the server has a newer build of the page than this one. */
import * as v from 'valibot'

const versionSchema = v.object({ entry: v.string() })

export interface VersionDeps {
  readonly fetch: typeof fetch
  /** Path of the script that this page was begun with; its name changes with every build. */
  readonly entry: string
  readonly log: (message: string, details: object) => void
  /** Told once. */
  onNew(): void
}

/** The answer looks once, each time it is called. A server that does not say is not newer. */
export function createVersionCheck({ fetch: send, entry, log, onNew }: VersionDeps): () => Promise<void> {
  let told = false
  return async () => {
    if (told) return
    try {
      const answer = await send('/version.json', { cache: 'no-store' })
      if (!answer.ok) return
      const served = v.parse(versionSchema, await answer.json()).entry
      if (served === entry || told) return
      told = true
      onNew()
    } catch (error) {
      log('the server did not say which version it has', { error: String(error) })
    }
  }
}
