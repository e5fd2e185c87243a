import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const source = path.resolve(import.meta.dirname, '../../src');

/** The text of src/events.ts and of the files in src/events, which together have the types of all events. */
export function eventSource(): string {
  const parts = globSync('events/*.ts', { cwd: source }).toSorted();
  return ['events.ts', ...parts].map((file) => readFileSync(path.join(source, file), 'utf8')).join('\n');
}
