import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareSemanticVersions,
  formatSemanticVersion,
  parseSemanticVersion,
  type SemanticVersion,
} from './semantic-version.ts';

function version(text: string): SemanticVersion {
  const parsed = parseSemanticVersion(text);
  if (parsed === undefined) throw new Error(`no version: ${text}`);
  return parsed;
}

describe('parseSemanticVersion', () => {
  test.each(['1.36.2', 'v1.36.2', '  v1.36.2\n', '1.36.2-rc.1+build.5'])('reads %j', (text) => {
    expect(version(text)).toMatchObject({ major: 1, minor: 36, patch: 2 });
  });

  test.each(['', '1.36', '1.36.2.1', '01.36.2', '1.36.02', '1.36.2-', '1.36.2-01', '1.36.2 x', 'stable-1'])(
    'refuses %j',
    (text) => {
      expect(parseSemanticVersion(text)).toBeUndefined();
    },
  );

  test('parses a formatted version to the same version', () => {
    const part = fc.nat({ max: 2 ** 31 });
    const identifier = fc.stringMatching(/^([1-9][0-9]{0,3}|0|[a-z-][0-9a-z-]{0,3})$/);
    const suffix = fc.array(identifier, { maxLength: 3 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(part, part, part, suffix, suffix, (major, minor, patch, preRelease, build) => {
        const made = { major, minor, patch, preRelease, build };
        expect(version(formatSemanticVersion(made))).toEqual(made);
      }),
    );
  });
});

describe('compareSemanticVersions', () => {
  test('orders as semver.org', () => {
    const ordered = [
      '1.0.0-0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
    ].map(version);
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        expect(Math.sign(compareSemanticVersions(a, b))).toBe(Math.sign(i - j));
      }
    }
  });

  test('ignores build data', () => {
    expect(compareSemanticVersions(version('1.2.3+a'), version('1.2.3+b'))).toBe(0);
  });
});

test('numbers beyond 64 bits are not versions', () => {
  expect(parseSemanticVersion('v18446744073709551615.1.1')).toBeDefined();
  expect(parseSemanticVersion('v18446744073709551616.1.1')).toBeUndefined();
});
