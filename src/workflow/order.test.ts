import { describe, expect, test } from 'vitest';
import { listPhases } from './order.ts';
import { flattenPhases, type OrderedPhase, type Phase } from './phase.ts';
import { runPhases } from './run.ts';

type P = Phase<readonly string[], null, string>;

const phase = (name: string, more: Partial<P> = {}): P => ({ name, short: name, ...more });
const parent = phase('parent', { children: [phase('a'), phase('b')] });

test('listPhases returns each phase and child with the phases that it waits for', () => {
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

test('a list without a child or with a misspelt one is refused', () => {
  for (const children of [{ a: {} }, { a: {}, c: {} }, { b: {}, a: {} }] as const) {
    expect(() => listPhases([{ phase: parent, children }])).toThrow(
      'the children of phase "parent" are a, b',
    );
  }
});

describe('a phase that waits for another one', () => {
  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['a misspelt one', ['recrod-run'], 'waits for "recrod-run", which is not in the list'],
    ['one that waits for it', ['last'], 'waits for "last", which waits for it in turn'],
    ['itself', ['middle'], 'waits for "middle", which is itself'],
  ];

  test.each(refused)('is refused at the start if it names %s', async (_, after, message) => {
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

  test('may name one that is listed after it, and starts after that one', async () => {
    const ran: string[] = [];
    const logged = (name: string) => phase(name, { run: async () => void ran.push(name) });
    const addon = phase('addon', { children: [logged('coredns'), logged('kube-proxy')] });
    const phases = listPhases([
      { phase: addon, children: { coredns: { after: ['addon/kube-proxy'] }, 'kube-proxy': { after: [] } } },
      { phase: logged('last') },
    ]);
    const options = { scope: undefined, record: () => undefined, signal: new AbortController().signal };
    const all = ['addon', 'addon/coredns', 'addon/kube-proxy', 'last'];
    await runPhases(phases, [], null, { ...options, selected: new Set(all) });
    expect(ran).toEqual(['kube-proxy', 'coredns', 'last']);
    await runPhases(phases, [], null, { ...options, selected: new Set(['addon', 'addon/coredns']) });
    expect(ran).toEqual(['kube-proxy', 'coredns', 'last', 'coredns']);
  });

  test('is refused when the other one waits for it by a third one, or as an exclusive phase', () => {
    const rows = [{ phase: parent, children: { a: { after: ['c'] }, b: {} } }, { phase: phase('c') }];
    expect(() => listPhases(rows)).toThrow('phase "parent/a" waits for "c", which waits for it in turn');
    const asks = phase('asks', { exclusive: true });
    expect(() =>
      listPhases([
        { phase: phase('first'), after: ['asks'] },
        { phase: asks, after: [] },
      ]),
    ).toThrow('phase "first" waits for "asks", which waits for it in turn');
  });

  test('is refused when its time limits would begin after an unknown one', () => {
    expect(() => listPhases([{ phase: phase('a'), limitsAfter: ['x'] }])).toThrow('which is not in the list');
  });

  test('is refused when their time limits would wait for each other', () => {
    const both = [
      { phase: phase('a'), after: [], limitsAfter: ['b'] },
      { phase: phase('b'), after: [], limitsAfter: ['a'] },
    ];
    expect(() => listPhases(both)).toThrow('phase "a" waits for "b", which waits for it in turn');
    const later = [{ phase: phase('a'), limitsAfter: ['b'] }, { phase: phase('b') }];
    expect(() => listPhases(later)).toThrow('phase "a" waits for "b", which waits for it in turn');
    const ofParent = [
      { phase: parent, after: [], limitsAfter: ['c'] },
      { phase: phase('c'), after: ['parent/a'] },
    ];
    expect(() => listPhases(ofParent)).toThrow('phase "parent" waits for "c", which waits for it in turn');
  });

  test('is refused if it is a child of that phase', () => {
    const rows = [{ phase: parent, children: { a: { after: ['parent'] }, b: {} } }];
    expect(() => listPhases(rows)).toThrow('phase "parent/a" waits for "parent", of which it is a part');
  });
});
