/** What the actions say to people, in the language that is spoken when they say it; `main` gives it out of the catalogue. */
export interface Words {
  readonly busy: string
  readonly undo: string
  readonly stopFailed: (cause: string) => string
  readonly stopAgain: string
  readonly choiceNotKept: (cause: string) => string
  readonly notificationsRefused: string
  readonly deletedElsewhere: string
  readonly noExport: string
  /** The file cannot be read: it is too large for the browser, or gone. */
  readonly importUnreadable: string
  /** The others were taken in. */
  readonly importLeft: (done: number, count: number, title: string, cause: string) => string
  readonly importCut: (done: number, count: number, cause: string) => string
  readonly imported: (count: number) => string
  readonly notChanged: (cause: string) => string
  readonly notBroughtBack: (cause: string) => string
  readonly notRenamed: (cause: string) => string
  readonly archived: (title: string) => string
  /** `title` null: of a chat that was not known here. */
  readonly deleted: (title: string | null) => string
  readonly notDeleted: (cause: string) => string
  readonly unreachable: string
  readonly late: string
  readonly loginRanOut: string
  /** A web page came in place of the server's answer. */
  readonly pageBetween: string
  /** Whoever stands before the server takes nothing of this size. */
  readonly tooLargeBetween: string
  /** HTTP status of whoever stands before the server. */
  readonly notAnswering: (status: number) => string
  readonly unreadable: string
  readonly noReason: (status: number) => string
  /** What the server refused, by the code of its problem (null: none that we know), the name that it is about, and its own words. */
  readonly refused: (code: string | null, about: string, detail: string) => string
  readonly pageFailed: (cause: string | null) => string
}
