import { describe, expect, it } from 'vitest'
import { ArithmeticError, evaluate, formatNumber } from '../../../../src/server/agents/tools/arithmetic.ts'
import { calculator } from '../../../../src/server/agents/tools/calculator.ts'

describe('arithmetic', () => {
  it.each([
    ['12*7', 84],
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['2^3^2', 512],
    ['-2^2', -4],
    ['2^-1', 0.5],
    ['2 ** 10', 1024],
    ['--5', 5],
    ['7 % 4', 3],
    ['.5 + 5.', 5.5],
    ['1e3 + 2.5E-1', 1000.25],
    ['12 × 7 ÷ 2 − 1', 41],
    ['√(16) + sqrt(9)', 7],
    ['max(1, 2, 3) - min(4, 5)', -1],
    ['5!', 120],
    ['2 * PI / tau', 1],
    ['1_000_000 / 4', 250000],
    ['log(1000) + ln(e)', 4],
  ])('reads %s as %d', (expression, value) => {
    expect(evaluate(expression)).toBeCloseTo(value, 12)
  })

  it.each([
    ['', /number at the end/],
    ['1 +', /number at the end/],
    ['1 2', /end before "2"/],
    ['(1 + 2', /Expected "\)" at the end/],
    ['1 / 0', /Division by zero/],
    ['5 % 0', /Division by zero/],
    ['sqrt(-1)', /not a finite number/],
    ['10^400', /not a finite number/],
    ['171!', /factorial/],
    ['sqrt(1, 2)', /takes one number/],
    ['process.exit(1)', /\.exit\(1\)" is not arithmetic/],
    ['constructor(1)', /neither a function nor a constant/],
    ['__proto__', /not arithmetic/],
    ['toString', /neither/],
    ['1; 2', /not arithmetic/],
    ['('.repeat(2000), /at most 1000/],
    ['('.repeat(999), /Expected a number/],
  ])('refuses %s and says why', (expression, reason) => {
    expect(() => evaluate(expression)).toThrow(ArithmeticError)
    expect(() => evaluate(expression)).toThrow(reason)
  })

  it('writes numbers as people do', () => {
    expect(formatNumber(0.1 + 0.2)).toBe('0.3')
    expect(formatNumber(1 / 3)).toBe('0.333333333333333')
    expect(formatNumber(-0)).toBe('0')
  })
})

describe('the calculator tool', () => {
  it('answers with JSON', () => {
    expect(calculator.run({ expression: '0.1 + 0.2' })).toBe('{"result":0.3}')
  })

  it.each([[null], [{}], [{ expression: 7 }], ['1+1']])('refuses the input %j', (input) => {
    expect(() => calculator.run(input)).toThrow(/"expression"/)
  })
})
