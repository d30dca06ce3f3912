/**
 * The contract between browser and server: every event, frame, request and response, with schema, type,
 * encode and decode. PROTOCOL.md beside this file says why. Readers ignore unknown fields and unknown
 * event kinds; writers refuse them.
 */
export * from './protocol/content.ts'
export * from './protocol/events.ts'
export * from './protocol/feed.ts'
export * from './protocol/files.ts'
export { parseJson, ProtocolError, read } from './protocol/read.ts'
export * from './protocol/requests.ts'
export * from './protocol/resources.ts'
export * from './protocol/stream.ts'
