import { parseDuration } from '../lib/go/duration.ts';

/** The value types of flags, with the names that help shows (pflag). */
export type FlagType =
  | 'bool'
  | 'string'
  | 'strings'
  | 'int'
  | 'int32'
  | 'duration'
  | 'Level'
  | 'moduleSpec'
  | 'mapStringString';

export interface FlagValueByType {
  readonly bool: boolean;
  readonly string: string;
  readonly strings: readonly string[];
  readonly int: number;
  readonly int32: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly Level: number;
  readonly moduleSpec: string;
  /** The pairs have the order of the command line. A name can be there several times. */
  readonly mapStringString: readonly { readonly name: string; readonly value: string }[];
}

export type FlagValue = FlagValueByType[FlagType];

const boolWords: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
]);

/**
 * Reads one value as pflag does. `previous` is the value of the earlier uses of the same flag, or undefined at the first
 * use. Lists are appended to it, and all other types replace it.
 *
 * @throws Error with the message of Go
 */
export function parseFlagValue(type: FlagType, text: string, previous: FlagValue | undefined): FlagValue {
  switch (type) {
    case 'bool': {
      const value = boolWords.get(text);
      if (value === undefined)
        throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
      return value;
    }
    case 'string':
      return text;
    case 'moduleSpec':
      checkModuleSpec(text);
      return text;
    case 'int':
      return parseInteger(text, 64);
    case 'int32':
      return parseInteger(text, 32);
    case 'Level':
      return parseLevel(text);
    case 'duration':
      return parseDuration(text);
    case 'strings':
      return [...(Array.isArray(previous) ? (previous as readonly string[]) : []), ...parseCsv(text)];
    case 'mapStringString':
      return [
        ...(Array.isArray(previous) ? (previous as FlagValueByType['mapStringString']) : []),
        ...parsePairs(text),
      ];
  }
}

const digitsOfAnyBase =
  /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])+|[1-9](?:_?[0-9])*|0)$/;

/** Reads an integer as Go's strconv.ParseInt does with base 0, so also with 0x, 0o, 0b, a leading 0, or _ between digits. */
function parseInteger(text: string, bits: 32 | 64): number {
  const match = digitsOfAnyBase.exec(text);
  if (match === null) throw numberError(text, 'invalid syntax');
  const [, sign, given = ''] = match;
  const digits = given.replaceAll('_', '');
  const octal = /^0[0-7]+$/.exec(digits);
  const magnitude = BigInt(octal === null ? digits : `0o${digits.slice(1)}`);
  return inRange(text, sign === '-' ? -magnitude : magnitude, bits);
}

/** Reads an integer as Go's strconv.ParseInt does with base 10. klog reads -v so. */
function parseLevel(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw numberError(text, 'invalid syntax');
  return inRange(text, BigInt(text.replace(/^\+/, '')), 32);
}

function inRange(text: string, value: bigint, bits: 32 | 64): number {
  const limit = 1n << BigInt(bits - 1);
  if (value >= limit || value < -limit) throw numberError(text, 'value out of range');
  return Number(value);
}

function numberError(text: string, reason: string): Error {
  return new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${reason}`);
}

/** Checks `pattern=N,pattern=N`, and skips empty items. Source: k8s.io/klog/v2 parseModuleSpec. */
function checkModuleSpec(text: string): void {
  for (const item of text.split(',').filter((part) => part !== '')) {
    const [, level] = /^[^=]+=([^=]+)$/.exec(item) ?? [];
    if (level === undefined || !isLevel(level))
      throw new Error('syntax error: expect comma-separated list of filename=N');
    if (level.startsWith('-') && !/^-0+$/.test(level)) throw new Error('negative value for vmodule level');
  }
}

/** Whether the text is a whole decimal number of 32 bits. */
function isLevel(text: string): boolean {
  if (!/^[+-]?[0-9]+$/.test(text)) return false;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -(2n ** 31n) && value < 2n ** 31n;
}

/** Reads the first CSV record as Go's encoding/csv does. Empty lines before it and all lines after it are ignored. */
function parseCsv(text: string): string[] {
  if (text === '') return [];
  const lines = text.replaceAll('\r\n', '\n').replace(/\r$/, '').replace(/^\n+/, '');
  if (lines === '') throw new Error('EOF');
  const fields: string[] = [];
  let rest = lines;
  for (;;) {
    let separator: string | undefined;
    if (rest.startsWith('"')) {
      const match = /^"((?:[^"]|"")*)"(,|\n|$)/.exec(rest);
      if (match === null) throw new Error('parse error on line 1: extraneous or missing " in quoted-field');
      fields.push((match[1] ?? '').replaceAll('""', '"'));
      separator = match[2];
      rest = rest.slice(match[0].length);
    } else {
      const [field = ''] = /^[^,\n]*/.exec(rest) ?? [];
      if (field.includes('"')) throw new Error('parse error on line 1: bare " in non-quoted-field');
      fields.push(field);
      separator = rest[field.length];
      rest = rest.slice(field.length + 1);
    }
    if (separator !== ',') return fields;
  }
}

/** Reads `name=value,name=value`. Each pair has exactly one `=`, and spaces are kept. Source: cmd/options/argslice.go. */
function parsePairs(text: string): { name: string; value: string }[] {
  return text.split(',').map((pair) => {
    const [name, value, ...more] = pair.split('=');
    if (name === undefined || value === undefined || more.length > 0) {
      throw new Error(`malformed key=value pair in flag value: ${text}`);
    }
    return { name, value };
  });
}
