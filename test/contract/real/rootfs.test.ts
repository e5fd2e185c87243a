/** `--rootfs` of the executable, which `make test` builds first: it only writes to the folder. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const kubeadm = path.resolve(import.meta.dirname, '../../../dist/kubeadm');
const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-rootfs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  return spawnSync('unshare', ['--mount', ...asRoot, kubeadm, ...args], { encoding: 'utf8', cwd: '/' });
}

test('a phase with --rootfs reads and writes only below the folder', () => {
  // A unique name, because other tests run at the same time.
  const directory = `/${path.basename(folder)}-pki`;
  mkdirSync(path.join(folder, 'etc'));
  for (const name of ['/etc/nsswitch.conf', '/etc/hosts']) cpSync(name, path.join(folder, name));
  const args = ['init', 'phase', 'certs', 'ca', '--kubernetes-version=v1.36.2', `--rootfs=${folder}`];
  const { status, stderr } = run(...args, `--cert-dir=${directory}`);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(readdirSync(path.join(folder, directory)).sort()).toEqual(['ca.crt', 'ca.key']);
  const ca = new X509Certificate(readFileSync(path.join(folder, directory, 'ca.crt')));
  expect(ca.subject).toBe('CN=kubernetes');
  expect(existsSync(directory)).toBe(false);
});

test('a missing folder in --rootfs is refused at once', () => {
  const { status, stderr } = run('version', `--rootfs=${folder}/none`);
  expect(status).toBe(1);
  expect(stderr).toContain(`failed to change the root directory to ${folder}/none`);
});
