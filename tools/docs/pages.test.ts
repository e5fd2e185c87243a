import { expect, test } from 'vitest';

import { initPhases } from '../../src/phases/init/index.ts';
import { joinPhases } from '../../src/phases/join/index.ts';
import { resetPhases } from '../../src/phases/reset/index.ts';
import type { Phase } from '../../src/workflow/phase.ts';
import { selectPhases } from '../../src/workflow/select.ts';
import { phasePage } from './pages.ts';

test('phases.md marks the names that may not be skipped, and no others', () => {
  const [, init = '', join = '', reset = ''] = phasePage().split(/^## .*$/m);
  const check = <I, H, E, S>(section: string, phases: readonly Phase<I, H, E, string, S>[]): void => {
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      const [, phase = '', others = ''] = row.split('|');
      for (const [, name = ''] of `${phase}${others}`.matchAll(/`([^`]+)`/g)) {
        const skip = () => selectPhases(phases, { skip: [name] });
        if (phase.includes('(not to be named)')) expect(skip, name).toThrow('invalid phase name');
        else expect(skip, name).not.toThrow('invalid phase name');
      }
    }
  };
  check(init, initPhases);
  check(join, joinPhases);
  check(reset, resetPhases);
  expect(join).toContain('| `check-etcd` |');
  expect(reset).toContain('`cleanupnode`');
});
