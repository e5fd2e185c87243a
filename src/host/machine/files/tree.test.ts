import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { chownTree, removeTree } from './tree.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-tree-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('removing a tree also removes files whose names are not UTF-8', async () => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/tree`);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/tree/`), Buffer.of(0xff, 0xfe)]), '');
  await removeTree(`${folder}/tree`);
  expect(readdirSync(folder)).toEqual([]);
});

/** Swaps the directory `tree/swapped` for a link to `kept` and back, as fast as it can. */
const swapper = `
my $folder = $ARGV[0]; $| = 1; print "ready\\n";
while (1) {
  mkdir "$folder/tree/swapped"; mkdir "$folder/tree/swapped/below";
  rename "$folder/tree/swapped", "$folder/tree/away"; symlink "$folder/kept", "$folder/tree/swapped";
  unlink "$folder/tree/swapped"; rename "$folder/tree/away", "$folder/tree/swapped";
}`;

test('removing a tree removes nothing outside when a directory is swapped for a link meanwhile', async () => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/kept/below`, { recursive: true });
  const kept = Array.from({ length: 50 }, (_, index) => `${folder}/kept/below/${index}`);
  for (const file of kept) writeFileSync(file, '');
  mkdirSync(`${folder}/tree`);
  const child = spawn('perl', ['-e', swapper, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const owner = process.getuid?.() === 0 ? 12_345 : (process.getuid?.() ?? 0);
  const group = process.getgid?.() ?? 0;
  for (const end = performance.now() + 2_000; performance.now() < end; ) {
    await chownTree(`${folder}/tree/swapped`, owner, group).catch(() => undefined);
    await removeTree(`${folder}/tree/swapped`).catch(() => undefined);
  }
  expect(readdirSync(`${folder}/kept/below`)).toHaveLength(kept.length);
  const owners = new Set([`${folder}/kept`, ...kept].map((file) => lstatSync(file).uid));
  expect([...owners]).toEqual([process.getuid?.() ?? 0]);
});
