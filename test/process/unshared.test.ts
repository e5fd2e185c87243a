/**
 * System calls that affect the whole process or machine, each in its own namespaces. They run on the runtime of the
 * executable, and on Node if the library works differently. Without root, they use a user namespace.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { bun, node, run } from '../support/runtimes.ts';

const folder = path.join(import.meta.dirname, 'unshared');
const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
let temporary: string;

/** The processes cannot remove a folder that is a mount point or their root. */
beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'kubeadm-unshared-'));
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

async function unshared(...command: readonly string[]): Promise<string> {
  const { code, output } = await run('unshare', ['--mount', ...asRoot, ...command], { TMPDIR: temporary });
  expect(code, output).toBe(0);
  return output;
}

const asRealRoot = test.skipIf(asRoot.length > 0);

// The tests wait for time limits most of the time.
describe.concurrent('in namespaces of its own', () => {
  test('the executable unmounts by the system call', async () => {
    expect(await unshared(bun, 'test', '--timeout=60000', path.join(folder, 'mounts.ts'))).toMatch(
      /\b6 pass\b/,
    );
  });

  test('Node unmounts by the program umount', async () => {
    expect(await unshared(node, '--test', path.join(folder, 'mounts.ts'))).toMatch(/\bpass 6\b/);
  });

  test('the locks of the account files work with those of other programs', async () => {
    expect(await unshared(bun, 'test', '--timeout=60000', path.join(folder, 'locks.ts'))).toMatch(
      /\b6 pass\b/,
    );
  });

  test('the executable changes its root directory', async () => {
    expect(await unshared(bun, 'test', '--timeout=60000', path.join(folder, 'change-root.ts'))).toMatch(
      /\b1 pass\b/,
    );
  });

  test('the executable and Node list the interfaces of a network', async () => {
    const file = path.join(folder, 'interfaces.ts');
    expect(await unshared('unshare', '--net', bun, 'test', file)).toMatch(/\b1 pass\b/);
    expect(await unshared('unshare', '--net', node, '--test', file)).toMatch(/\bpass 1\b/);
  });

  asRealRoot('the executable writes to devices, links and mounts', async () => {
    const file = path.join(folder, 'write-targets.ts');
    expect(await unshared(bun, 'test', '--timeout=60000', file)).toMatch(/\b12 pass\b/);
  });

  asRealRoot('Node writes to devices, links and mounts as the contract says', async () => {
    expect(await unshared(node, '--test', path.join(folder, 'write-targets.ts'))).toMatch(/\bpass 12\b/);
  });

  test.each([
    ['the executable', bun, ['test', '--timeout=60000'], /\b8 pass\b/],
    ['the library', node, ['--test'], /\bpass 8\b/],
  ])('an unreachable address is an error in time in %s', async (_name, program, args, passed) => {
    const output = await unshared('--net', program, ...args, path.join(folder, 'unreachable.ts'));
    expect(output).toMatch(passed);
  });
});
