/** `--rootfs`: this process changes its root directory permanently. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createMachineHost } from '../../../src/host/machine/index.ts';
import { changeRoot } from '../../../src/host/machine/process/change-root.ts';

test('the folder becomes / and the working directory, and other files are unreachable', async () => {
  const folder = mkdtempSync(`${tmpdir()}/kubeadm-root-`);
  writeFileSync(`${folder}/marker`, 'inside');
  await assert.rejects(changeRoot(`${folder}/none`), {
    code: 'usage',
    message: /failed to change the root directory to .*none: no such file or directory$/,
  });
  await assert.rejects(changeRoot(`${folder}/marker`), {
    code: 'usage',
    message: /marker: not a directory$/,
  });
  assert.equal(existsSync(folder), true);
  await changeRoot(folder);
  assert.equal(process.cwd(), '/');
  assert.equal(readFileSync('/marker', 'utf8'), 'inside');
  assert.equal(existsSync(folder), false);
  const { files } = createMachineHost();
  await files.write('/etc/kubernetes/a', 'x', { mode: 0o600, directoryMode: 0o755 });
  assert.deepEqual(await files.list('/'), ['etc', 'marker']);
  assert.equal(await files.readText('/../../etc/kubernetes/a'), 'x');
});
