import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

import { root as commandTree } from './cli/root.ts';
import { warningMeanings } from './warnings.ts';

const root = import.meta.dirname;
const sources = globSync('**/*.ts', { cwd: root })
  .filter((file) => !/\.(test|fixture)\.ts$|^warnings\.ts$/.test(file))
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
  .join('\n');
const codes = Object.keys(warningMeanings);

test.each(codes)('warning %s is given somewhere', (code) => {
  expect(sources).toContain(`'${code}'`);
});

test.each(Object.entries(warningMeanings))(
  'the meaning of warning %s is in whole sentences',
  (_, meaning) => {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  },
);

test('no warning has just the name of a command, or begins with one that changes the machine', () => {
  const commands = (commandTree.commands ?? []).map(({ name }) => name);
  const changing = ['init', 'join', 'reset', 'upgrade', 'config'];
  const wrong = codes.filter(
    (code) => commands.includes(code) || changing.some((name) => code.startsWith(`${name}-`)),
  );
  expect(wrong).toEqual([]);
});
