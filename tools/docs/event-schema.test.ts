import { describe, expect, test } from 'vitest';
import { configuration, run } from '../../src/cli/command.fixture.ts';
import { jsonLines } from '../../src/cli/render/json.ts';
import type { RecordedEvent } from '../../src/events.ts';
import { createMemoryHost } from '../../src/host/memory/index.ts';
import { warningMeanings } from '../../src/warnings.ts';
import { eventSchema } from './event-schema.ts';
import { eventSource } from './event-source.ts';
import { eventTypes } from './event-types.ts';
import { schemaErrors } from './json-schema.ts';

const source = eventSource();
const schema = eventSchema(source, { WarningCode: Object.keys(warningMeanings) });

function errorsOf(recorded: RecordedEvent): readonly string[] {
  const lines: string[] = [];
  jsonLines((line) => void lines.push(line), new Date(0))(recorded);
  return schemaErrors(JSON.parse(lines.join('')), schema);
}

describe('the schema of events', () => {
  test('the schema has every event of the union', () => {
    const names = [...source.matchAll(/readonly type: '([a-z-]+)'/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(50);
    const text = JSON.stringify(schema);
    for (const name of names) expect(text).toContain(`"type":{"const":"${name}"}`);
  });

  test('refuses a warning with a code that is not in the list', () => {
    const warning = (code: string) => ({ at: 1, event: { type: 'warning', code, message: 'x' } });
    const line = (code: string) => ({ schema: 1, time: '2026-01-02T03:04:05.000Z', ...warning(code) });
    expect(schemaErrors(line('node-not-marked'), schema)).toEqual([]);
    expect(schemaErrors(line('reset'), schema)).not.toEqual([]);
  });

  test('the schema accepts the events that the program writes', () => {
    expect(errorsOf({ at: 1, phase: undefined, event: { type: 'prompt-closed' } })).toEqual([]);
    expect(
      errorsOf({
        at: 1.5,
        phase: 'certs/ca',
        event: { type: 'certificate-signed-for', name: 'x', dns: ['a'], ips: [] },
      }),
    ).toEqual([]);
    const phase = { phase: 'a', start: 0, milliseconds: 1, outcome: 'failed', overlaps: ['b'] } as const;
    const waits = [{ phase: 'a', for: 'b', start: 0, milliseconds: 1 }];
    const timeline = { type: 'timeline', command: 'init', milliseconds: 1, phases: [phase], waits } as const;
    expect(errorsOf({ at: 2, phase: undefined, event: timeline })).toEqual([]);
  });

  test('the schema accepts the things that reset --all has found', () => {
    const found = [{ kind: 'link', name: 'cni0', reason: 'a bridge' }] as const;
    const event = { type: 'leftovers-found', found, kept: [] } as const;
    expect(errorsOf({ at: 1, phase: 'preflight', event })).toEqual([]);
  });

  test('a type without a definition is refused when the schema is made', () => {
    const events = `
      export interface RecordedEvent { readonly event: KubeadmEvent }
      export type KubeadmEvent = | { readonly type: 'a'; readonly code: Missing } | { readonly type: 'b' };
    `;
    expect(() => eventSchema(events)).toThrow(/no definition of Missing/);
    expect(() => eventSchema(events, { Missing: ['x'] })).not.toThrow();
  });

  test('the schema accepts every line of runs that succeed and that fail', async () => {
    const host = createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
    const certs = ['init', 'phase', 'certs', 'all', '--output-events=json'];
    const good = await run(host, [...certs, '--config=/kubeadm.yaml']);
    const bad = await run(host, [...certs, '--config=/missing.yaml']);
    const asked = await run(host, ['reset', '--output-events=json']);
    expect([good.code, bad.code, asked.code]).toEqual([0, 1, 1]);
    const lines = [good, bad, asked].flatMap(({ stderr }) => stderr.trimEnd().split('\n'));
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.flatMap((line) => schemaErrors(JSON.parse(line), schema))).toEqual([]);
  });

  test.each([
    [{ schema: 1, time: 't', at: 1 }, ['$.event: missing']],
    [{ schema: 2, time: 't', at: 1, event: { type: 'prompt-closed' } }, ['$.schema: not 1']],
    [{ schema: 1, time: 't', at: '1', event: { type: 'prompt-closed' } }, ['$.at: a string, not a number']],
    [{ schema: 1, time: 't', at: 1, event: { type: 'prompt-closed', more: 1 } }, ['$.event.more: unknown']],
    [{ schema: 1, time: 't', at: 1, event: { type: 'phase-started' } }, ['$.event.phase: missing']],
    [
      { schema: 1, time: 't', at: 1, event: { type: 'no-such' } },
      ['$.event: fits no member: {"type":"no-such"}'],
    ],
    [
      {
        schema: 1,
        time: 't',
        at: 1,
        event: { type: 'preflight-finding', level: 'x', check: 'a', message: 'b' },
      },
      ['$.event.level: not one of warning, error'],
    ],
    [
      { schema: 1, time: 't', at: 1, event: { type: 'phases-selected', phases: ['a', 2] } },
      ['$.event.phases[1]: a number, not a string'],
    ],
    [
      {
        schema: 1,
        time: 't',
        at: 1,
        event: { type: 'timeline', command: 'a', milliseconds: 1, phases: [{}], waits: [] },
      },
      [
        '$.event.phases[0].phase: missing',
        '$.event.phases[0].start: missing',
        '$.event.phases[0].milliseconds: missing',
        '$.event.phases[0].outcome: missing',
        '$.event.phases[0].overlaps: missing',
      ],
    ],
  ])('refuses %j', (value, errors) => {
    expect(schemaErrors(value, schema)).toEqual(errors);
  });
});

describe('the reader of types', () => {
  test('keeps comments, options and the names of other types', () => {
    const types = eventTypes(`
      /** About A. */
      export interface A { /** Of b. */ readonly b?: readonly string[]; c: 'x' | 'y' }
      export type F = (a: A) => void;
      export type U = | { readonly type: 'p'; readonly a: A } /** Two. */ | { readonly type: 'q' };
    `);
    expect([...types.keys()]).toEqual(['A', 'U']);
    expect(types.get('A')).toEqual({
      kind: 'object',
      fields: [
        { name: 'b', optional: true, type: { kind: 'array', items: { kind: 'string' } }, comment: 'Of b.' },
        {
          name: 'c',
          optional: false,
          type: {
            kind: 'union',
            members: [
              { kind: 'literal', value: 'x' },
              { kind: 'literal', value: 'y' },
            ],
          },
        },
      ],
    });
    expect(types.get('U')).toMatchObject({
      kind: 'union',
      members: [{ kind: 'object' }, { kind: 'object', comment: 'Two.' }],
    });
  });

  test.each(['export type A = Map<string, A>;', 'export type A = any;', 'const a = 1;', 'export class A {}'])(
    'refuses %j',
    (text) => {
      expect(() => eventTypes(text)).toThrow(/^events\.ts: /);
    },
  );
});
