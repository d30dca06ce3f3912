/** What this browser keeps of chats goes: drafts and other databases emptied, tab and page memory cleared, preferences kept. */
import { PREFERENCES_KEY } from './preferences.ts'

/** Then the page begins anew, at a new chat: what it still held in memory is gone with it. */
export async function forgetEverything(page: Window & typeof globalThis): Promise<void> {
  for (const { name } of await page.indexedDB.databases()) if (name !== undefined) await emptyDatabase(page.indexedDB, name)
  page.sessionStorage.clear()
  for (const key of Object.keys(page.localStorage)) if (key !== PREFERENCES_KEY) page.localStorage.removeItem(key)
  page.location.replace('/')
}

/** Emptied rather than deleted: other tabs hold it open, and a deletion would wait for them. */
function emptyDatabase(databases: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = databases.open(name)
    opening.addEventListener('error', () => reject(opening.error ?? new Error(`The browser's database ${name} could not be opened.`)))
    opening.addEventListener('success', () => {
      const database = opening.result
      const stores = [...database.objectStoreNames]
      if (stores.length === 0) {
        database.close()
        resolve()
        return
      }
      const clearing = database.transaction(stores, 'readwrite')
      for (const store of stores) clearing.objectStore(store).clear()
      clearing.addEventListener('complete', () => {
        database.close()
        resolve()
      })
      clearing.addEventListener('abort', () => reject(clearing.error ?? new Error(`The browser's database ${name} could not be emptied.`)))
    })
  })
}
