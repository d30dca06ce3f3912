import { mount } from '../../../../src/client/markdown/mount.ts'
import type { CreateRenderer } from '../renderer.ts'

export const create: CreateRenderer = (host) => {
  const mounted = mount(host)
  return { push: mounted.push, frame: mounted.flush, end: mounted.end }
}
