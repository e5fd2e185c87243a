import { describe, expect, test } from 'vitest';
import { listPhases } from './order.ts';
import { flattenPhases, type OrderedPhase, type Phase } from './phase.ts';
import { runPhases } from './run.ts';

type P = Phase<readonly string[], null, string>;

const phase = (name: string, more: Partial<P> = {}): P => ({ name, short: name, ...more });
const parent = phase('parent', { children: [phase('a'), phase('b')] });

test('a list holds each phase and child with what it waits for', () => {
  const list = listPhases([
    { phase: phase('first') },
    {
      phase: parent,
      after: ['first'],
      children: { a: {}, b: { after: ['first'], limitsAfter: ['parent/a'] } },
    },
  ]);
  const rows = flattenPhases(list).map(({ fullName, phase: { after, limitsAfter } }) => ({
    fullName,
    after,
    limitsAfter,
  }));
  expect(rows).toEqual([
    { fullName: 'first', after: undefined, limitsAfter: undefined },
    { fullName: 'parent', after: ['first'], limitsAfter: undefined },
    { fullName: 'parent/a', after: undefined, limitsAfter: undefined },
    { fullName: 'parent/b', after: ['first'], limitsAfter: ['parent/a'] },
  ]);
});

test('a list that leaves out or misspells a child is refused', () => {
  for (const children of [{ a: {} }, { a: {}, c: {} }, { b: {}, a: {} }] as const) {
    expect(() => listPhases([{ phase: parent, children }])).toThrow(
      'the children of phase "parent" are a, b',
    );
  }
});

describe('a phase that waits for another one', () => {
  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['a misspelt one', ['recrod-run'], 'waits for "recrod-run", which is not in the list'],
    ['a later one', ['last'], 'waits for "last", which is not listed before it'],
    ['itself', ['middle'], 'waits for "middle", which is not listed before it'],
  ];

  test.each(refused)('is refused at the start when it names %s', async (_, after, message) => {
    const ran: string[] = [];
    const run = async () => void ran.push('run');
    const phases: readonly OrderedPhase<readonly string[], null, string>[] = [
      phase('preflight', { run }),
      { ...phase('middle', { run }), after },
      phase('last', { run }),
    ];
    const options = {
      selected: new Set(['preflight', 'middle', 'last']),
      scope: undefined,
      record: () => undefined,
      signal: new AbortController().signal,
    };
    await expect(runPhases(phases, [], null, options)).rejects.toThrow(message);
    expect(ran).toEqual([]);
    const rows = phases.map(({ after: names, children: _children, ...rest }) => ({
      phase: rest,
      ...(names === undefined ? {} : { after: names }),
    }));
    expect(() => listPhases(rows)).toThrow(message);
  });

  test('is refused when its time limits would begin after an unknown one', () => {
    expect(() => listPhases([{ phase: phase('a'), limitsAfter: ['x'] }])).toThrow('which is not in the list');
  });

  test('is refused when it is a part of that one', () => {
    const rows = [{ phase: parent, children: { a: { after: ['parent'] }, b: {} } }];
    expect(() => listPhases(rows)).toThrow('phase "parent/a" waits for "parent", of which it is a part');
  });
});
