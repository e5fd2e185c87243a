import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { withRuns } from '../facts.fixture.ts';
import { containerLog } from '../logs/container-log.ts';
import { wordRemedy } from '../remedy.ts';

const folder = path.join(import.meta.dirname, '../logs/testdata');

async function find(name: string, ends = 2) {
  const log = await containerLog({ read: async () => readFileSync(path.resolve(folder, name)) }, name);
  const runs = Array.from({ length: ends }, () => ({ log, exitCode: 2, ranMs: 200 }));
  return diagnose(withRuns('etcd', runs))[0];
}

test('a database that etcd cannot open is named with the reason, its path and what restores it', async () => {
  const found = await find('etcd-corrupt.txt');
  expect(found).toMatchObject({
    rule: 'etcd-database-damaged',
    certainty: 'certain',
    summary:
      'etcd cannot start, because its database /var/lib/etcd/member/snap/db is damaged: failed to open database: invalid database (exit code 2, 2 times)',
  });
  expect(found && wordRemedy(found.remedy, 'doctor').commands).toContain(
    'etcdutl snapshot restore SNAPSHOT --data-dir /var/lib/etcd',
  );
});

test('a database that was cut off is named as such, although etcd only reports a fault', async () => {
  const found = await find(path.join(import.meta.dirname, 'testdata/etcd-truncated.txt'));
  expect(found?.summary).toMatch(
    /its database \/var\/lib\/etcd\/member\/snap\/db is damaged: a part of the file is missing or cannot be read/,
  );
  expect(found?.evidence).toEqual([expect.stringMatching(/^unexpected fault address /)]);
});

test.each(['etcd-disk-full.txt', 'etcd-read-only.txt', 'etcd-name.txt'])(
  'etcd that ends with %s has another fault than its database',
  async (name) => {
    expect((await find(name))?.rule).toBe('crash-loop');
  },
);

test('one end of etcd proves nothing', async () => {
  expect(await find('etcd-corrupt.txt', 1)).toBeUndefined();
});
