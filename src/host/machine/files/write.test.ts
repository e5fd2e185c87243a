import {
  chmodSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { writeFile } from './write.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-write-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a file with several names is written in place, so that all names have the new content', async () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/a`, 'a longer old content');
  linkSync(`${folder}/a`, `${folder}/b`);
  await writeFile(`${folder}/a`, 'new', { mode: 0o600 });
  expect(readFileSync(`${folder}/b`, 'utf8')).toBe('new');
  expect(statSync(`${folder}/a`).nlink).toBe(2);
});

test('a second name in a folder of all users is replaced, because another user may have made it', async () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/a`, 'precious');
  linkSync(`${folder}/a`, `${folder}/b`);
  chmodSync(folder, 0o1777);
  await writeFile(`${folder}/b`, 'new', { mode: 0o600 });
  expect(readFileSync(`${folder}/a`, 'utf8')).toBe('precious');
  expect(readFileSync(`${folder}/b`, 'utf8')).toBe('new');
});

test('names of up to 255 bytes are written, and nothing is left beside them', async () => {
  const folder = temporaryFolder();
  const names = ['x'.repeat(234), 'x'.repeat(255), '€'.repeat(85)];
  for (const name of names) {
    for (const content of ['first', 'second']) await writeFile(`${folder}/${name}`, content, { mode: 0o600 });
    expect(readFileSync(`${folder}/${name}`, 'utf8')).toBe('second');
  }
  expect(readdirSync(folder).sort()).toEqual(names.sort());
});

test('a path that ends with a slash names a directory and is refused', async () => {
  const folder = temporaryFolder();
  await expect(writeFile(`${folder}/x/`, '', { mode: 0o600 })).rejects.toMatchObject({ code: 'EISDIR' });
  expect(readdirSync(folder)).toEqual([]);
});
