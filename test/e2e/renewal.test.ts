/** `kubeadm certs renew --restart` on one control plane. */
import { expect, test } from 'vitest';

import { expectedPods, kubectl, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { execKubeadm } from '../support/events.ts';
import { kubeadmFiles, processes } from '../support/interop.ts';
import { configFile, nodeName, runKubeadm, withNode, writeConfig } from '../support/node.ts';
import { restarted, servedCertificates, unchanged } from '../support/renewal.ts';

const pki = '/etc/kubernetes/pki';
const all = ['certs', 'renew', 'all', '--restart'];

const report = (text: string): void => void process.stderr.write(`renewal: ${text}\n`);

async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  report(`${what} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** Expects that a renewal fails and changes neither a file nor a component, and returns its error. */
async function expectPutBack(node: LabNode, args: readonly string[]): Promise<string> {
  const [files, served, pids] = [
    await kubeadmFiles(node),
    await servedCertificates(node),
    await processes(node),
  ];
  const { code, stderr } = await timed(`put back: ${args.join(' ')}`, () =>
    execKubeadm(node, args, { timeoutMs: 300_000 }),
  );
  expect(code).toBe(1);
  expect(await kubeadmFiles(node)).toEqual(files);
  expect(restarted(pids, await processes(node))).toEqual([]);
  expect(await servedCertificates(node)).toEqual(served);
  return stderr;
}

test('a renewal reaches each component, and what does not work is put back', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    await runKubeadm(node, ['init', '--config', configFile]);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });

    // Without the flag, the components that read their file only at the start are named, and nothing else.
    const pids = await processes(node);
    const plain = await execKubeadm(node, ['certs', 'renew', 'all'], { timeoutMs: 300_000 });
    expect(plain.code).toBe(0);
    expect(plain.stderr.match(/^warning: \[renew\] \S+ still uses/gm)).toEqual(
      ['kube-controller-manager', 'kube-scheduler'].map((name) => `warning: [renew] ${name} still uses`),
    );
    expect(restarted(pids, await processes(node))).toEqual([]);

    const served = await servedCertificates(node);
    const stdout = await timed('renew all --restart', () => runKubeadm(node, all));
    report(stdout.slice(stdout.indexOf('[renew] etcd')));
    expect(unchanged(served, await servedCertificates(node))).toEqual([]);
    expect(restarted(pids, await processes(node))).toEqual(['kube-controller-manager', 'kube-scheduler']);
    await waitForCluster(node, { pods: expectedPods(nodeName) });

    // A directory with another authority is the mistake of an operator.
    await node.mustExec(['mkdir', '/root/other']);
    await runKubeadm(node, ['init', 'phase', 'certs', 'ca', '--cert-dir', '/root/other']);
    const names = ['certs', 'renew', 'controller-manager.conf', '--restart', '--cert-dir', '/root/other'];
    expect(await expectPutBack(node, names)).toMatch(
      /of kube-controller-manager: .*comes from a CA that is not trusted\n.* and it runs with them/,
    );

    // The authority of etcd is replaced while etcd runs with the old one, which only a restart would change.
    await node.mustExec(['sh', '-ec', `cp -a ${pki}/etcd /root/etcd; mkdir /root/new`]);
    await runKubeadm(node, ['init', 'phase', 'certs', 'etcd-ca', '--cert-dir', '/root/new']);
    await node.mustExec([
      'sh',
      '-ec',
      `cat /root/new/etcd/ca.crt /root/etcd/ca.crt > ${pki}/etcd/ca.crt; cat /root/new/etcd/ca.key > ${pki}/etcd/ca.key`,
    ]);
    const stderr = await expectPutBack(node, ['certs', 'renew', 'etcd-server', '--restart']);
    report(stderr);
    expect(stderr).toMatch(/couldn't renew the certificates of etcd: (?:.|\n)*and it runs with them/);
    await node.mustExec(['sh', '-ec', `cp -a /root/etcd/. ${pki}/etcd/`]);
    await waitForCluster(node, { pods: expectedPods(nodeName) });

    // The keys of the authorities are somewhere else.
    await node.mustExec([
      'sh',
      '-ec',
      `mkdir /root/keys; for f in ca front-proxy-ca etcd/ca; do mv ${pki}/$f.key /root/keys/$(echo $f | tr / -).key; done`,
    ]);
    const [files, before, now] = [
      await kubeadmFiles(node),
      await servedCertificates(node),
      await processes(node),
    ];
    expect(await runKubeadm(node, all)).toContain(
      'Detected external ca, client certificate in the kubeconfig file',
    );
    expect(await kubeadmFiles(node)).toEqual(files);
    expect(await servedCertificates(node)).toEqual(before);
    expect(restarted(now, await processes(node))).toEqual([]);
    expect(await kubectl(node, ['get', '--raw', '/readyz'])).toBe('ok');
  });
});
