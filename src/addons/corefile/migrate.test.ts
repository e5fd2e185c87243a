import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corefiles } from './corefile.fixture.ts';
import { formatCorefile, parseCorefile } from './corefile.ts';
import { corednsVersions } from './known-plugins.ts';
import { migrateCorefile } from './migrate.ts';

const block = (...lines: readonly string[]): string => `.:53 {\n${lines.join('\n')}\n}\n`;

/** The lines of the migrated Corefile without indentation. */
const migrated = (from: string, to: string, text: string): readonly string[] =>
  migrateCorefile(from, to, text)
    .split('\n')
    .map((line) => line.trim());

describe('migrateCorefile', () => {
  test('returns the same text for the same release', () => {
    expect(migrateCorefile('1.12.1', '1.12.1', 'any {  text')).toBe('any {  text');
  });

  test.each([
    ['', '1.14.2', "start version '' not supported"],
    ['v1.12.1', '1.14.2', "start version 'v1.12.1' not supported"],
    ['1.14.2', '1.12.1', "cannot migrate up to '1.12.1' from '1.14.2'"],
    ['1.14.1', '9.9.9', "cannot migrate up to '9.9.9' from '1.14.1'"],
  ])('refuses %j to %j', (from, to, message) => {
    expect(() => migrateCorefile(from, to, block('errors'))).toThrow(message);
  });

  test('changes no plugin or option from 1.8.0 on', () => {
    const versions = corednsVersions.slice(corednsVersions.indexOf('1.8.0'), -1);
    fc.assert(
      fc.property(corefiles, fc.constantFrom(...versions), (text, from) => {
        const formatted = formattedOrUndefined(text);
        fc.pre(formatted !== undefined && !text.includes('endpoint'));
        expect(migrateCorefile(from, '1.14.2', text)).toBe(formatted);
      }),
    );
  });

  test('replaces proxy by forward, and drops the options that forward does not have', () => {
    const text = block('proxy . 8.8.8.8 {', 'policy least_conn', 'spray', 'except example.org', '}');
    expect(migrated('1.4.0', '1.5.0', text)).toEqual([
      ...['.:53 {', 'forward . 8.8.8.8 {', 'force_tcp', 'except example.org', '}', '}', ''],
    ]);
  });

  test('gives each stub domain its own server block', () => {
    const text = block('errors', 'proxy example.org 10.0.0.1', 'proxy . 8.8.8.8');
    expect(migrated('1.3.1', '1.5.0', text)).toEqual([
      ...['.:53 {', 'errors', 'forward . 8.8.8.8', '}', ''],
      ...['example.org {', 'forward . 10.0.0.1', 'loop', 'errors', 'cache 30', '}', ''],
    ]);
  });

  test('moves two stub domains at the end of a block, with which upstream crashes', () => {
    const text = block('errors', 'proxy a.example 10.0.0.1', 'proxy b.example 10.0.0.2');
    const lines = migrated('1.4.0', '1.5.0', text);
    expect(lines).toContain('a.example {');
    expect(lines).toContain('b.example {');
  });

  test('refuses a stub domain in a block for another zone', () => {
    const text = 'example.org {\nforward internal 10.0.0.1\n}';
    expect(() => migrateCorefile('1.3.1', '1.4.0', text)).toThrow(
      'forward internal in the block of example.org',
    );
  });

  test('adds the new defaults beside the plugins that need them', () => {
    const text = block('health', 'kubernetes cluster.local {', 'upstream', '}', 'forward . 8.8.8.8');
    expect(migrated('1.4.0', '1.7.0', text)).toEqual([
      ...['.:53 {', 'health {', 'lameduck 5s', '}', 'kubernetes cluster.local'],
      ...['forward . 8.8.8.8 {', 'max_concurrent 1000', '}', 'ready', '}', ''],
    ]);
  });

  test('turns the option transfer of kubernetes into a plugin', () => {
    const text = block('kubernetes cluster.local {', 'transfer to 10.0.0.9', '}');
    expect(migrated('1.7.1', '1.8.0', text)).toEqual([
      ...['.:53 {', 'kubernetes cluster.local', 'transfer cluster.local {', 'to 10.0.0.9', '}', '}', ''],
    ]);
  });

  test('migrates kubernetes without zones, with which upstream crashes', () => {
    expect(migrated('1.7.1', '1.8.0', block('kubernetes {', 'transfer to *', '}'))).toEqual([
      ...['.:53 {', 'kubernetes', 'transfer {', 'to *', '}', '}', ''],
    ]);
  });
});

function formattedOrUndefined(text: string): string | undefined {
  try {
    return formatCorefile(parseCorefile(text));
  } catch {
    return undefined;
  }
}
