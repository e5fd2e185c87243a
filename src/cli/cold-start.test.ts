import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const source = path.resolve(import.meta.dirname, '..');

/**
 * Returns the files of `src`, the packages and the modules of the runtime that this file loads. Imports of types and
 * dynamic imports do not count.
 */
function loaded(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith('.ts')) return seen;
  const statements = readFileSync(path.join(source, file), 'utf8').matchAll(
    /^(?:import|export)\s+(?!type\s)[^;'"]*?\sfrom\s*'([^']+)'|^import\s+'([^']+)'/gm,
  );
  for (const [, from, bare] of statements) {
    const name = from ?? bare ?? '';
    const target = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
    expect(target === name || existsSync(path.join(source, target))).toBe(true);
    loaded(target, seen);
  }
  return seen;
}

test('a command without phases does not load the code that shows a run', () => {
  const files = [...loaded('bin.ts'), ...loaded('cli/commands/version.ts')];
  expect(files).toContain('cli/main.ts');
  for (const part of ['live', 'live-state', 'json', 'secrets', 'timeline', 'timeline-svg']) {
    expect(files).not.toContain(`cli/render/${part}.ts`);
  }
  for (const file of [
    'cli/report.ts',
    'lib/text-width.ts',
    'host/machine/process/terminal.ts',
    'host/machine/process/output-file.ts',
  ]) {
    expect(existsSync(path.join(source, file))).toBe(true);
    expect(files).not.toContain(file);
  }
  expect(files.filter((file) => file.startsWith('phases/'))).toEqual([]);
});

test.each([
  ['cli/commands/version.ts', []],
  ['cli/commands/config/index.ts', ['yaml']],
])('%s and the start of kubeadm load no slow module of the runtime', (command, packages) => {
  const others = [...loaded('bin.ts'), ...loaded(command)].filter((name) => !name.endsWith('.ts'));
  expect([...new Set(others)].sort()).toEqual(['node:fs', 'node:path', ...packages]);
});
