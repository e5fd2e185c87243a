import { expect, test } from 'vitest';

import type { Phase } from './phase.ts';
import { selectPhases } from './select.ts';

const phase: Phase<unknown, unknown, unknown> = { name: 'a', short: 'a', run: () => Promise.resolve() };

test('an empty phase name is refused like any unknown name', () => {
  expect(() => selectPhases([phase], { skip: [''] })).toThrow('invalid phase name: ');
});
