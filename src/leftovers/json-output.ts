import { ExecError } from '../errors.ts';
import { isRecord } from '../lib/is-record.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON that a program printed.
 *
 * @returns the objects in the list, or in the list of the field
 * @throws ExecError if the text is not such a list
 */
export function readJsonList(program: string, text: string, field?: string): readonly Fields[] {
  let value: unknown;
  try {
    value = JSON.parse(text.trim() === '' ? '[]' : text);
  } catch (cause) {
    throw new ExecError(`${program} did not print JSON`, { cause });
  }
  const list = field !== undefined && isRecord(value) ? value[field] : value;
  if (Array.isArray(list)) return list.filter(isRecord);
  throw new ExecError(`${program} did not print a list`);
}
