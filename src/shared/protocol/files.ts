/** Files that people attach, and what a person's message consists of. */
import * as v from 'valibot'
import type { FileId } from '../ids.ts'
import { count, fileId, text } from './values.ts'

/** Files of one message. */
export const MOST_FILES = 20

const fileEntries = { name: text, mediaType: text, size: count, width: v.optional(count), height: v.optional(count) }
/** A file that the server keeps. Its type is told by its bytes; width and height are those of a picture, in px, as it is to be shown. */
export const storedFileSchema = v.object({ id: fileId, ...fileEntries })
export type StoredFile = v.InferOutput<typeof storedFileSchema>

const wordsSchema = v.object({ kind: v.literal('text'), text: v.pipe(text, v.check((value) => value.trim() !== '', 'must not be blank')) })
export interface InputWords { kind: 'text'; text: string }
export interface InputFile { kind: 'file'; file: FileId }
/** What a human's message may consist of when it is sent. A file was uploaded before, and what it is the server knows best. */
export type InputPart = InputWords | InputFile
export const inputPartsSchema: v.GenericSchema<(InputWords | { kind: 'file'; file: string })[], InputPart[]> = v.pipe(
  v.array(v.variant('kind', [wordsSchema, v.object({ kind: v.literal('file'), file: fileId })])),
  v.minLength(1), v.maxLength(MOST_FILES + 1, `must be at most ${MOST_FILES} files and the words`),
)

/** The same once the server has taken it: a file with what is known of it. */
export const saidPartSchema = v.variant('kind', [wordsSchema, v.object({ kind: v.literal('file'), file: fileId, ...fileEntries })])
export type SaidPart = v.InferOutput<typeof saidPartSchema>
export type SaidFile = Extract<SaidPart, { kind: 'file' }>
