/** Sends a file, and tells how far it has come, which `fetch` cannot. */
import { storedFileSchema } from '../../shared/protocol.ts'
import type { StoredFile } from '../../shared/protocol.ts'
import type { FileId } from '../../shared/ids.ts'
import { refusal, understood, unreachable } from './answers.ts'

export interface UploadWatch {
  readonly signal: AbortSignal
  /** 0 to 1: how much has left. */
  readonly onShare: (share: number) => void
}

/** Rejects with ApiError; after an abort with the signal's reason. The same file may be sent again under its id, however often. */
export function sendFile(file: FileId, name: string, bytes: Blob, { signal, onShare }: UploadWatch): Promise<StoredFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `/api/files/${file}?name=${encodeURIComponent(name)}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.setRequestHeader('accept', 'application/json')
    request.upload.onprogress = ({ loaded, total }) => onShare(total === 0 ? 1 : loaded / total)
    const stop = () => request.abort()
    signal.addEventListener('abort', stop, { once: true })
    request.onloadend = () => {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) return reject(signal.reason as Error)
      if (request.status === 0) return reject(unreachable(new Error('The upload got no answer.')))
      const text = request.responseText
      const answer = { status: request.status, contentType: request.getResponseHeader('content-type') ?? '' }
      if (answer.status >= 300) return reject(refusal(answer, text))
      try {
        resolve(understood(storedFileSchema, answer, text))
      } catch (error) {
        reject(error as Error)
      }
    }
    if (signal.aborted) return reject(signal.reason as Error)
    request.send(bytes)
  })
}
