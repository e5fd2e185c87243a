import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { publishedSha256, sha256Of } from './checksum.ts';

const one = '1a'.repeat(32);
const other = '2b'.repeat(32);

describe('publishedSha256', () => {
  test.each([
    ['a lone hash, as dl.k8s.io', one, one],
    ['with a line end and in capitals', `${one.toUpperCase()}\n`, one],
    ['sha256sum', `${one}  etcd.tar.gz\n`, one],
    ['sha256sum of a binary file', `${one} *etcd.tar.gz\r\n`, one],
    ['a path before the name', `${one}  release/etcd.tar.gz\n`, one],
    ['many files, as etcd', `${other}  etcd.zip\n${one}  etcd.tar.gz\n`, one],
    ['the same twice', `${one}  etcd.tar.gz\n${one}  ./etcd.tar.gz\n`, one],
    ['two that differ', `${one}  etcd.tar.gz\n${other}  etcd.tar.gz\n`, undefined],
    ['only others', `${one}  my-etcd.tar.gz\n`, undefined],
    ['too short', one.slice(1), undefined],
    ['a page', '<html>404</html>', undefined],
    ['nothing', '', undefined],
  ])('a published checksum file that has: %s', (_, text, expected) => {
    expect(publishedSha256(text, 'etcd.tar.gz')).toBe(expected);
  });

  test('any file of any list of checksums is found', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
    const name = fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/);
    const lists = fc.uniqueArray(fc.tuple(hex, name), { minLength: 1, selector: ([, file]) => file });
    fc.assert(
      fc.property(lists, (list) => {
        const text = list.map(([hash, file]) => `${hash}  ${file}`).join('\n');
        for (const [hash, file] of list) expect(publishedSha256(text, file)).toBe(hash);
      }),
    );
  });
});

test('sha256Of', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'checksum-'));
  await writeFile(join(directory, 'abc'), 'abc');
  // FIPS 180-2, B.1
  expect(await sha256Of(join(directory, 'abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  await rm(directory, { recursive: true });
});
