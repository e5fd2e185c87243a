import { sprint } from '../go/format.ts';
import { goMapJson } from '../go/json.ts';
import type { GoValue } from '../go/value.ts';

/** Returns the values of one part, with a space between them. Lists and maps are JSON. */
export function printValues(values: readonly unknown[]): string {
  return values.map(valueText).join(' ');
}

/** Returns the values of one part as a JSON list with an indent of four spaces and a line break at the end. */
export function printJson(values: readonly unknown[]): string {
  const plain = values.map((value) => (typeof value === 'bigint' ? Number(value) : (value ?? null)));
  return `${goMapJson(plain, 4)}\n`;
}

function valueText(value: unknown): string {
  if (value === undefined) return '<no value>';
  if (value === null) return 'null';
  return typeof value === 'object' ? goMapJson(value, 0) : sprint([value as GoValue]);
}
