/**
 * Arithmetic from text, by recursive descent: numbers, + - * / % ^, parentheses, a few functions and constants. Nothing is
 * ever evaluated as code, and the length limit bounds the depth.
 */
const LONGEST_EXPRESSION = 1000

const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  sqrt: Math.sqrt, cbrt: Math.cbrt, abs: Math.abs, round: Math.round, floor: Math.floor, ceil: Math.ceil,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, exp: Math.exp, ln: Math.log, log: Math.log10, log2: Math.log2,
  min: Math.min, max: Math.max,
}
const takesMany = new Set(['min', 'max'])
const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E, tau: 2 * Math.PI }

/** The text is not arithmetic, or has no finite result. The message says why and may be shown. */
export class ArithmeticError extends Error {
  override readonly name = 'ArithmeticError'
}

type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }

/** Computes `expression`; trigonometry is in radians. Throws ArithmeticError. */
export function evaluate(expression: string): number {
  if (expression.length > LONGEST_EXPRESSION) throw new ArithmeticError(`An expression may have at most ${LONGEST_EXPRESSION} characters`)
  const tokens = tokenize(expression)
  let at = 0

  const peek = () => tokens[at]
  const isSign = (...signs: string[]) => {
    const token = peek()
    return token?.kind === 'sign' && signs.includes(token.text)
  }
  const takeSign = (): string => {
    const token = tokens[at++]
    return token?.kind === 'sign' ? token.text : ''
  }
  const expect = (sign: string) => {
    if (!isSign(sign)) throw new ArithmeticError(`Expected "${sign}" ${where(peek())}`)
    at++
  }

  function sum(): number {
    let value = product()
    while (isSign('+', '-')) value = takeSign() === '+' ? value + product() : value - product()
    return value
  }

  function product(): number {
    let value = signed()
    while (isSign('*', '/', '%')) {
      const sign = takeSign()
      const right = signed()
      if (sign !== '*' && right === 0) throw new ArithmeticError('Division by zero')
      value = sign === '*' ? value * right : sign === '/' ? value / right : value % right
    }
    return value
  }

  /** A minus binds weaker than a power: -2^2 is -4. */
  function signed(): number {
    if (isSign('-')) return takeSign(), -signed()
    if (isSign('+')) return takeSign(), signed()
    return power()
  }

  /** Powers group from the right: 2^3^2 is 512. */
  function power(): number {
    const base = factorial()
    if (!isSign('^')) return base
    takeSign()
    return base ** signed()
  }

  function factorial(): number {
    let value = operand()
    while (isSign('!')) {
      takeSign()
      if (!Number.isInteger(value) || value < 0 || value > 170) throw new ArithmeticError('A factorial needs a whole number from 0 to 170')
      let result = 1
      for (let factor = 2; factor <= value; factor++) result *= factor
      value = result
    }
    return value
  }

  function operand(): number {
    const token = peek()
    at++
    if (token?.kind === 'number') return token.value
    if (token?.kind === 'name') return named(token.text)
    if (token?.text === '(') {
      const value = sum()
      expect(')')
      return value
    }
    throw new ArithmeticError(`Expected a number ${where(token)}`)
  }

  function named(name: string): number {
    const constant = Object.hasOwn(constants, name) ? constants[name] : undefined
    if (constant !== undefined) return constant
    const apply = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (apply === undefined) throw new ArithmeticError(`"${name.slice(0, 40)}" is neither a function nor a constant`)
    expect('(')
    const values = [sum()]
    while (isSign(',')) {
      takeSign()
      values.push(sum())
    }
    expect(')')
    if (values.length > 1 && !takesMany.has(name)) throw new ArithmeticError(`${name} takes one number`)
    return apply(...values)
  }

  const value = sum()
  if (at < tokens.length) throw new ArithmeticError(`Expected the end ${where(peek())}`)
  if (!Number.isFinite(value)) throw new ArithmeticError('The result is not a finite number')
  return value
}

/** A result as a person writes it: without the noise of binary fractions (0.1 + 0.2 is 0.3). */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(15)))
}

function where(token: Token | undefined): string {
  if (token === undefined) return 'at the end'
  return `before "${token.kind === 'number' ? token.value : token.text.slice(0, 40)}"`
}

const sameSigns: Readonly<Record<string, string>> = { '×': '*', '·': '*', '÷': '/', ':': '/', '−': '-', '–': '-', '**': '^' }

function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  // Digits may be grouped by underscores or thin spaces, never by commas: those part the arguments of min and max.
  const pattern = /\s*(?:((?:\d[\d_\u202f]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)|([a-z]\w*)|(\*\*|[-+*/%^()!,×·÷:−–√]))\s*/giy
  while (pattern.lastIndex < expression.length) {
    const from = pattern.lastIndex
    const match = pattern.exec(expression)
    if (match === null) throw new ArithmeticError(`"${expression.slice(from).trim().slice(0, 20)}" is not arithmetic`)
    const [, number, name, sign] = match
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number.replaceAll(/[_\u202f]/g, '')) })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.toLowerCase() })
    else if (sign === '√') tokens.push({ kind: 'name', text: 'sqrt' })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sameSigns[sign] ?? sign })
  }
  return tokens
}
