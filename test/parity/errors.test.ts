/** Compares docs/errors.md with what both binaries print for its mistakes. `UPDATE_GOLDENS=1` writes the page. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { paths } from '../support/random/words.ts';
import { type Mistake, sections } from './errors/mistakes.ts';
import { errorsPage } from './errors/page.ts';
import { ours, record } from './namespaces.ts';
import type { Case } from './record.ts';

const page = path.resolve(import.meta.dirname, '../../docs/errors.md');
const mistakes = sections.flatMap((section) => section.mistakes);

function caseOf({ command, config, files, name }: Mistake): Case {
  return {
    name,
    config: '',
    commands: [command.split(' ')],
    files: { ...(config === undefined ? {} : { [paths.config]: config }), ...files },
  };
}

test('docs/errors.md has what both programs print for 40 mistakes', async () => {
  const { programs } = await ensureComponents({ set: 'compare' });
  const cases = mistakes.map(caseOf);
  const [theirs, mine] = await Promise.all(
    [programs.kubeadm, ours].map((program) => record(program, cases, true)),
  );
  const text = errorsPage(sections, (mistake) => {
    const index = mistakes.indexOf(mistake);
    const [upstream, own] = [theirs?.[index], mine?.[index]];
    if (upstream === undefined || own === undefined) throw new Error(`${mistake.name} was not recorded`);
    return { upstream, ours: own };
  });
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(page, text);
  expect(readFileSync(page, 'utf8')).toBe(text);
  expect(mistakes).toHaveLength(40);
  const accepted = mistakes.filter((_, index) => mine?.[index]?.runs[0]?.code === 0);
  expect(accepted.map(({ name }) => name)).toEqual([]);
});
