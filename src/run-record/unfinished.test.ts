/** Whether the record of an interrupted `init` still describes the files on the machine. */
import { describe, expect, test } from 'vitest';

import { run } from '../cli/command.fixture.ts';
import { NetError } from '../errors.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import {
  apiServerKey,
  changesOf,
  config,
  cutAfter,
  init,
  machine,
  record,
  reset,
  withFiles,
} from './cut-off.fixture.ts';
import { objectsOf } from './end-state.fixture.ts';
import { machineOf, type Remains, remainsOf } from './machine.fixture.ts';

/** A finished control plane, and the record of a run that was cut off on the same machine before. */
async function finishedWithRecordOf(cut: Remains, configuration = config()): Promise<MemoryHost> {
  const done = machine({ '/root/kubeadm.yaml': configuration }, 9);
  expect((await run(done, init)).code).toBe(0);
  return machineOf(withFiles(remainsOf(done), { [record]: cut.files[record]?.text ?? '' }), 11);
}

const single = (phase: string): readonly string[] => [
  'init',
  'phase',
  ...phase.split(' '),
  '--config',
  '/root/kubeadm.yaml',
];

describe('the record of an init that was cut off', () => {
  test.each(['/etc/kubernetes/pki/ca.key', apiServerKey, '/etc/kubernetes/manifests/kube-apiserver.yaml'])(
    'after %s does not let init overwrite a control plane that another tool has created since',
    async (file) => {
      const host = await finishedWithRecordOf(await cutAfter(file));
      const [files, objects] = [host.snapshot(), objectsOf(host)];
      const { code, stderr } = await run(host, init);
      expect(code).toBe(1);
      expect(stderr).toMatch(/is not used: the 'kubeadm init' of .* did not make \/etc\/kubernetes\//);
      expect(stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
      expect(stderr).not.toContain('What was done so far is kept');
      expect(changesOf(host)).toEqual([]);
      expect(host.snapshot()).toEqual(files);
      expect(objectsOf(host)).toEqual(objects);
    },
  );

  test('before its first certificate does not let init overwrite such a control plane', async () => {
    const host = await finishedWithRecordOf(await cutAfter(record));
    expect((await run(host, init)).code).toBe(1);
    expect(changesOf(host)).toEqual([]);
  });

  test('does not let init take over data in the directory of etcd that the run had not begun to use', async () => {
    const remains = await cutAfter('/etc/kubernetes/pki/ca.crt');
    const host = machineOf(withFiles(remains, { '/var/lib/etcd/member/snap/db': 'foreign' }), 2);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[ERROR DirAvailable--var-lib-etcd]'),
    });
    expect(changesOf(host)).toEqual([]);
  });

  test.each([
    { foreign: ['/var/lib/etcd/member/snap/db'], found: 'DirAvailable--var-lib-etcd' },
    {
      foreign: ['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/manifests/etcd.yaml'],
      found: 'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
    },
  ])('counts as absent beside foreign $foreign if its own files are gone', async ({ foreign, found }) => {
    const cut = await cutAfter('/etc/kubernetes/pki/sa.pub');
    const files = Object.entries(cut.files).filter(([path]) => !path.startsWith('/etc/kubernetes/'));
    const texts = Object.fromEntries(foreign.map((path) => [path, 'foreign']));
    const host = machineOf(withFiles({ ...cut, files: Object.fromEntries(files) }, texts), 2);
    const { code, stderr, stdout } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain(`[ERROR ${found}]`);
    expect(stdout).not.toContain('Taking up');
    expect(stderr).not.toContain('What was done so far is kept');
    expect(changesOf(host)).toEqual([]);
  });

  test('counts if only one private key of the run exists', async () => {
    const cut = await cutAfter('/etc/kubernetes/pki/ca.key');
    const files = Object.entries(cut.files).filter(
      ([path]) => !/\/pki\/.*\.(key|crt|pub)$/.test(path) || path === '/etc/kubernetes/pki/ca.key',
    );
    const host = machineOf({ ...cut, files: Object.fromEntries(files) }, 2);
    const { code, stderr, stdout } = await run(host, init);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Taking up');
  });

  test('stays as it is in a dry run of a single phase that would make keys', async () => {
    const host = machineOf(await cutAfter('/etc/kubernetes/pki/ca.crt'), 2);
    const before = host.snapshot()[record];
    const { code, stderr } = await run(host, [...single('certs all'), '--dry-run']);
    expect(code, stderr).toBe(0);
    expect(host.snapshot()[record]).toEqual(before);
  });

  test('counts as absent if the other tool has its certificates in another folder', async () => {
    const elsewhere = config({ cluster: 'certificatesDir: /srv/pki' });
    const host = await finishedWithRecordOf(await cutAfter(apiServerKey), elsewhere);
    expect((await run(host, init)).code).toBe(1);
    expect(changesOf(host)).toEqual([]);
  });

  test('counts as absent if the same certificates belong to another cluster now', async () => {
    const cut = await cutAfter('/etc/kubernetes/admin.conf');
    const pki = Object.entries(cut.files).filter(([path]) => path.startsWith('/etc/kubernetes/pki/'));
    const given = pki.flatMap(([path, { text }]) => (text === undefined ? [] : [[path, text] as const]));
    const done = machine(Object.fromEntries(given), 9);
    expect((await run(done, init)).code).toBe(0);
    const host = machineOf(withFiles(remainsOf(done), { [record]: cut.files[record]?.text ?? '' }), 11);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /did not make \/etc\/kubernetes\/(admin|super-admin|controller-manager)\.conf/,
      ),
    });
    expect(changesOf(host)).toEqual([]);
  });

  test('counts as absent if a certificate was renewed since', async () => {
    const cut = await cutAfter('/etc/kubernetes/manifests/etcd.yaml');
    const host = machineOf(cut, 2);
    expect((await run(host, ['certs', 'renew', 'apiserver', '--config', '/root/kubeadm.yaml'])).code).toBe(0);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`did not make ${apiServerKey}`),
    });
  });

  test('contains the files that single phases have created in between', async () => {
    const cut = await cutAfter('/etc/kubernetes/manifests/etcd.yaml');
    const kept = Object.entries(cut.files).filter(([path]) => !/pki\/(apiserver|sa)\./.test(path));
    const host = machineOf({ ...cut, files: Object.fromEntries(kept) }, 2);
    for (const phase of ['certs apiserver', 'certs sa'])
      expect((await run(host, single(phase))).code).toBe(0);
    const { code, stderr, stdout } = await run(host, init);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Taking up');
  });

  test('is removed when the operator runs the last phases by hand', async () => {
    const host = machine({}, 5);
    host.api.intercept = () => new NetError('connect ECONNREFUSED', 'ECONNREFUSED');
    expect((await run(host, init)).code).toBe(1);
    host.api.intercept = undefined;
    expect(host.snapshot()[record]).toBeDefined();
    const first = await run(host, single('upload-config all'));
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('was now run by hand') });
    expect(host.snapshot()[record]).toBeUndefined();
    for (const phase of ['mark-control-plane', 'bootstrap-token', 'kubelet-finalize all', 'addon all'])
      expect(await run(host, single(phase))).toMatchObject({ code: 0, stderr: '' });
    host.machine.answers.clear();
    host.api.intercept = () => new NetError('connect ECONNREFUSED', 'ECONNREFUSED');
    const before = changesOf(host).length;
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]'),
    });
    expect(changesOf(host)).toHaveLength(before);
  });

  test('is kept by single phases that come before the API server, and in a dry run', async () => {
    const host = machineOf(await cutAfter('/etc/kubernetes/kubelet.conf'), 2);
    expect((await run(host, single('control-plane all'))).code).toBe(0);
    expect((await run(host, [...single('upload-config all'), '--dry-run'])).code).toBe(0);
    expect(host.snapshot()[record]).toBeDefined();
  });
});

describe('the record of a reset that was cut off', () => {
  async function cutReset(): Promise<Remains> {
    const finished = machine();
    await run(finished, init);
    let remains = remainsOf(finished);
    finished.gate.onWrite(({ kind }) => {
      if (kind === 'service') remains = remainsOf(finished);
    });
    await run(finished, reset);
    return remains;
  }

  test('refuses an init', async () => {
    const host = machineOf(await cutReset(), 2);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /the 'kubeadm reset' of .* did not end[\s\S]*Run 'kubeadm reset' again first/,
      ),
    });
    await run(host, reset);
    expect((await run(host, init)).code).toBe(0);
  });

  test('does not lead to the advice to reset while the API server of this node answers', async () => {
    const host = machineOf(await cutReset(), 2);
    host.machine.answers.set('https://10.0.0.5:6443/livez', { status: 200, body: 'ok' });
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain('find out who uses its cluster');
    expect(stderr).not.toContain("Run 'kubeadm reset'");
  });

  test('counts as absent if a control plane was created since', async () => {
    const host = await finishedWithRecordOf(await cutReset());
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain("is not used: the 'kubeadm reset' of");
    expect(stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
    expect(stderr).not.toContain("Run 'kubeadm reset'");
    expect(changesOf(host)).toEqual([]);
  });
});
