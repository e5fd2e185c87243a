import { goQuote } from '../quote.ts';
import { unquoteBody } from '../unquote.ts';

/** Returns the text of a literal in double quotes or backquotes; undefined if Go does not accept it. */
export function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  return unquoteBody(literal.slice(1, -1), '"');
}

/**
 * Reads a number or a character such as `'a'`. Whole numbers are bigints.
 *
 * @returns a string with the mistake if Go does not accept the literal
 */
export function parseNumber(text: string): bigint | number | string {
  if (text.startsWith("'")) {
    const [character, more] = unquoteBody(text.slice(1, -1), "'") ?? '';
    if (character === undefined || more !== undefined) return `malformed character constant: ${text}`;
    return BigInt(character.codePointAt(0) ?? 0);
  }
  const integer = parseInteger(text);
  if (integer !== undefined) {
    const inRange = integer >= -(2n ** 63n) && integer < 2n ** 63n;
    return inRange ? integer : `integer overflow: ${goQuote(text)}`;
  }
  if (/^[-+]?0[xX]/.test(text)) return `illegal number syntax: ${goQuote(text)}`;
  // Go allows an underscore between two digits only after a prefix such as 0x.
  const float = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(float) ? float : `illegal number syntax: ${goQuote(text)}`;
}

function parseInteger(text: string): bigint | undefined {
  const match =
    /^([-+]?)(?:0[xX]((?:_?[0-9a-fA-F])+)|0[bB]((?:_?[01])+)|0[oO]?((?:_?[0-7])+)|([1-9](?:_?[0-9])*|0))$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const [prefix, digits = ''] =
    hex !== undefined
      ? ['0x', hex]
      : binary !== undefined
        ? ['0b', binary]
        : octal !== undefined
          ? ['0o', octal]
          : ['', decimal];
  const value = BigInt(prefix + digits.replaceAll('_', ''));
  return sign === '-' ? -value : value;
}
