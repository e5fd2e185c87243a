import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const source = path.resolve(import.meta.dirname, '..');

/** Files of `src` that are loaded when this one is: imports of types and lazy ones do not count. */
function loaded(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const statements = readFileSync(path.join(source, file), 'utf8').matchAll(
    /^(?:import|export)\s+(?!type\s)[^;'"]*?\sfrom\s*'(\.[^']+)'|^import\s+'(\.[^']+)'/gm,
  );
  for (const [, from, bare] of statements) {
    const target = path.posix.join(path.posix.dirname(file), from ?? bare ?? '');
    expect(existsSync(path.join(source, target))).toBe(true);
    loaded(target, seen);
  }
  return seen;
}

test('a command that runs no phases loads nothing of what shows a run', () => {
  const files = [...loaded('bin.ts'), ...loaded('cli/commands/version.ts')];
  expect(files).toContain('cli/main.ts');
  for (const part of ['live', 'progress', 'json', 'secrets', 'timeline', 'timeline-svg']) {
    expect(files).not.toContain(`cli/render/${part}.ts`);
  }
  for (const file of [
    'cli/report.ts',
    'lib/text-width.ts',
    'host/node/terminal.ts',
    'host/node/event-file.ts',
  ]) {
    expect(existsSync(path.join(source, file))).toBe(true);
    expect(files).not.toContain(file);
  }
  expect(files.filter((file) => file.startsWith('phases/'))).toEqual([]);
});
