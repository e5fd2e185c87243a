import { describe, expect, test } from 'vitest';

import { certificateTime } from './asn1-time.ts';

function time(tag: 'UTCTime' | 'GeneralizedTime', text: string): ArrayBuffer {
  const bytes = [tag === 'UTCTime' ? 0x17 : 0x18, text.length, ...Buffer.from(text, 'latin1')];
  return new Uint8Array(bytes).buffer;
}

describe('a time of a certificate', () => {
  test.each([
    ['UTCTime', '260102030405Z', '2026-01-02T03:04:05.000Z'],
    ['UTCTime', '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['UTCTime', '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['UTCTime', '2601020304Z', '2026-01-02T03:04:00.000Z'],
    ['UTCTime', '260102030405+0130', '2026-01-02T01:34:05.000Z'],
    ['GeneralizedTime', '20510102030405Z', '2051-01-02T03:04:05.000Z'],
    ['GeneralizedTime', '20240229000000-0100', '2024-02-29T01:00:00.000Z'],
  ] as const)('%s %s is %s', (tag, text, instant) => {
    expect(certificateTime(time(tag, text)).toISOString()).toBe(instant);
  });

  test.each([
    ['UTCTime', '261302030405Z'],
    ['UTCTime', '260002030405Z'],
    ['UTCTime', '260230030405Z'],
    ['UTCTime', '260102240000Z'],
    ['UTCTime', '260102036005Z'],
    ['GeneralizedTime', '20261301030405Z'],
    ['GeneralizedTime', '20230229000000Z'],
  ] as const)('%s %s does not exist', (tag, text) => {
    expect(() => certificateTime(time(tag, text))).toThrow(`a time that does not exist: "${text}"`);
  });

  test.each([
    ['UTCTime', '20260102030405Z'],
    ['UTCTime', '260102030405'],
    ['GeneralizedTime', '260102030405Z'],
    ['GeneralizedTime', '20260102030405.5Z'],
    ['GeneralizedTime', ''],
  ] as const)('%s %j is malformed', (tag, text) => {
    expect(() => certificateTime(time(tag, text))).toThrow(`a malformed time ${JSON.stringify(text)}`);
  });
});
