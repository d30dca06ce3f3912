import { log } from '../../log.ts'
import { lazyRich, whenIdle } from '../../markdown/rich/lazy.ts'
import { createSight } from '../../markdown/rich/sight.ts'
import { text } from '../text.ts'

/** What is added to what is final, the same for all messages of the page. */
export const rich = lazyRich({
  load: async () => (await import('../../markdown/rich/rich.ts')).createRich({
    log: log.debug,
    words: () => ({
      wrap: text.code.wrap, copyMaths: text.maths.copy,
      diagram: text.diagram.picture, showSource: text.diagram.showSource, showDiagram: text.diagram.showPicture,
      larger: text.diagram.larger, smaller: text.diagram.smaller, diagramFailed: (reason, said) => text.diagram.failed[reason](said),
    }),
  }),
  sight: createSight('100%'), whenIdle,
  onFailure: (error) => log.debug('code, formulas and diagrams stay as they are written', { error: String(error) }),
})
