import { evaluate, formatNumber } from './arithmetic.ts'
import { textField } from './tool.ts'
import type { Tool } from './tool.ts'

/** Arithmetic. Input `{ expression }`, output `{ result }`, a number. */
export const calculator: Tool = {
  name: 'calculator',
  description:
    'Computes an arithmetic expression exactly as written, e.g. "(12.5 + 7) * 3^2" or "sqrt(2) / 2". Knows + - * / % ^ ! ( ), pi, e, tau, ' +
    'sqrt cbrt abs round floor ceil sin cos tan exp ln log log2 min max. Use it for every calculation that is not trivial.',
  inputSchema: {
    type: 'object',
    properties: { expression: { type: 'string', description: 'The expression, in plain characters' } },
    required: ['expression'],
  },
  run(input) {
    const expression = textField(input, 'expression')
    if (expression === null) throw new Error('"expression" is missing')
    return JSON.stringify({ result: Number(formatNumber(evaluate(expression))) })
  },
}
