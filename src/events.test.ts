import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

import { eventSource } from '../tools/docs/event-source.ts';
import { eventsIn, eventTypes } from '../tools/docs/event-types.ts';

const root = import.meta.dirname;

/** The text of every file that can emit events: not the union itself, its renderers, and tests. */
const emitters = globSync('**/*.ts', { cwd: root })
  .filter((file) => !/\.(test|fixture)\.ts$|^events(\.ts$|\/)|^cli\/render\//.test(file))
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
  .join('\n');

const types = eventsIn(eventTypes(eventSource()))
  .flatMap((type) => (type.kind === 'object' ? type.fields : []))
  .flatMap(({ name, type }) => (name === 'type' && type.kind === 'literal' ? [type.value] : []))
  // Emitted by the report from what cli/render/timeline.ts makes of the events.
  .filter((type) => type !== 'timeline');

test('the union of events has members', () => {
  expect(types.length).toBeGreaterThan(40);
});

test.each(types)('event %s is emitted somewhere', (type) => {
  expect(emitters).toMatch(new RegExp(`type: '${type}'`));
});
