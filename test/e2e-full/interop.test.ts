/** Two kubeadms on one node, ours and upstream's: each continues the work of the other. */
import { expect, test } from 'vitest';

import { expectedPods, kubectl, proveCluster, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { cutOff, init } from '../support/cut-off.ts';
import {
  attempt,
  certificates,
  changes,
  clusterObjects,
  described,
  kubeadmFiles,
  nodeFiles,
  processes,
  restartControlPlane,
  run,
  type State,
  servedCertificate,
  tasks,
  upstream,
  withBoth,
} from '../support/interop.ts';
import { configFile, expectWorkingCluster, nodeName, runSuite, writeConfig } from '../support/node.ts';

const ours = 'kubeadm';
const config = `--config ${configFile}`;

/** Every phase that can run again on a running cluster. Preflight refuses such a node, as it should. */
const phases = [
  'certs all',
  'kubeconfig all',
  'etcd local',
  'control-plane all',
  'kubelet-start',
  'upload-config all',
  'upload-certs --upload-certs',
  'mark-control-plane',
  'bootstrap-token',
  'kubelet-finalize all',
  'addon all',
];

/** A token for further nodes, another one for the uploaded certificates, and those, encrypted with a new key. */
const changedByPhases = [
  '+ Secret kube-system/bootstrap-token-ID',
  '+ Secret kube-system/bootstrap-token-ID',
  '~ Secret kube-system/kubeadm-certs',
];

/** The folders that upstream's own reset leaves after upstream's own init. */
const emptyFolders = [
  '+ /etc/kubernetes',
  '+ /etc/kubernetes/manifests',
  '+ /etc/kubernetes/pki',
  '+ /var/lib/etcd',
  '+ /var/lib/kubelet',
];

/** Runs all phases again, and expects that files, objects, Pods and processes do not change. */
async function expectPhasesKeepAll(node: LabNode, program: string): Promise<void> {
  const before = [await kubeadmFiles(node), await clusterObjects(node), await processes(node)] as const;
  expect([...before[0].keys()]).toContain('/etc/kubernetes/manifests/kube-apiserver.yaml');
  for (const phase of phases) {
    const { stderr } = await run(node, program, `init phase ${phase} ${config}`);
    expect(stderr, phase).toBe('');
  }
  await run(node, program, 'init phase wait-control-plane');
  expect(changes(before[0], await kubeadmFiles(node))).toEqual([]);
  expect(await processes(node)).toBe(before[2]);
  await waitForCluster(node, { pods: expectedPods(nodeName) });
  expect(changes(before[1], await clusterObjects(node))).toEqual(changedByPhases);
}

/** Expects that only the empty folders remain. */
async function expectReset(node: LabNode, program: string, before: State): Promise<void> {
  await run(node, program, 'reset -f');
  expect(changes(before, await nodeFiles(node))).toEqual(emptyFolders);
  expect(await tasks(node)).toBe('');
}

test('init by ours, then every command of upstream', async () => {
  await withBoth(async (lab, node) => {
    const before = await nodeFiles(node);
    await run(node, ours, `init ${config} --upload-certs`);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });

    await expectPhasesKeepAll(node, upstream);
    await expectTokens(node);
    await expectPlan(node);
    await expectRenewal(node);
    await runSuite(node);
    await proveCluster(node);
    await expectReset(node, upstream, before);
  });
});

/** Expects that upstream lists the tokens of our init, and that a token of its own is signed in cluster-info. */
async function expectTokens(node: LabNode): Promise<void> {
  const token = (await run(node, upstream, 'token create --description by-upstream')).stdout.trim();
  const { stdout } = await run(node, upstream, 'token list -o json');
  const listed = stdout
    .split(/^(?=\{)/m)
    .map((text) => JSON.parse(text) as { token: string; description?: string; usages?: string[] });
  const ofJoining = listed.filter(({ usages }) => usages?.join() === 'authentication,signing');
  const ofCertificates = listed.filter(({ description }) => /kubeadm-certs/.test(description ?? ''));
  // Tokens of init and of the phases that ran again. The first ones have no description.
  expect(ofJoining.map(({ description }) => description ?? '').sort()).toEqual(['', '', 'by-upstream']);
  expect(ofCertificates).toHaveLength(2);
  expect(listed).toContainEqual(expect.objectContaining({ token, description: 'by-upstream' }));
  const id = token.slice(0, 6);
  await expect
    .poll(() => kubectl(node, ['-n', 'kube-public', 'get', 'configmap', 'cluster-info', '-o', 'json']), {
      timeout: 20_000,
    })
    .toContain(`"jws-kubeconfig-${id}"`);
}

/** Expects that upstream reads our cluster's versions, nodes and configurations. A given version avoids the network. */
async function expectPlan(node: LabNode): Promise<void> {
  const same = (await run(node, upstream, 'upgrade plan v1.36.2')).stdout;
  expect(same).toContain('[upgrade/versions] Cluster version: 1.36.2\n');
  expect(same).not.toContain('COMPONENT');
  const next = (await run(node, upstream, 'upgrade plan v1.36.3')).stdout.replace(/ +/g, ' ');
  expect(next).toContain(`kubelet ${nodeName} v1.36.2 v1.36.3\n`);
  for (const component of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
    expect(next).toContain(`${component} ${nodeName} v1.36.2 v1.36.3\n`);
  }
  expect(next).toMatch(/^etcd cp (\S+) \1$/m);
  expect(next).toMatch(/^CoreDNS (\S+) \1$/m);
  expect(next).toContain('kubeproxy.config.k8s.io v1alpha1 v1alpha1 no');
  expect(next).toContain('kubelet.config.k8s.io v1beta1 v1beta1 no');
  // The files on the node must be those that upstream would write for this version.
  const diff = (await run(node, upstream, 'upgrade diff v1.36.2')).stdout;
  expect(diff.split('\n').filter((line) => !line.startsWith('[upgrade/diff]') && line !== '')).toEqual([]);
}

/** Expects that upstream finds and renews every certificate, and that the control plane starts with the new ones. */
async function expectRenewal(node: LabNode): Promise<void> {
  const expiry = JSON.parse((await run(node, upstream, 'certs check-expiration -o json')).stdout) as {
    readonly certificates: readonly { name: string; residualTime: number; missing: boolean }[];
    readonly certificateAuthorities: readonly { name: string; residualTime: number; missing: boolean }[];
  };
  const year = 365 * 86_400;
  for (const [found, names, years] of [
    [expiry.certificates, renewable, 1],
    [expiry.certificateAuthorities, ['ca', 'etcd-ca', 'front-proxy-ca'], 10],
  ] as const) {
    expect(found.map(({ name }) => name).sort()).toEqual(names);
    expect(
      found.filter(({ missing, residualTime }) => missing || residualTime < years * year - 3600),
    ).toEqual([]);
  }

  const [files, old] = [await kubeadmFiles(node), await certificates(node)];
  await run(node, upstream, 'certs renew all');
  const renewed = await certificates(node);
  expect(changes(old, renewed)).toEqual(renewedFiles.map((name) => `~ ${name}`));
  expect(changes(described(old), described(renewed))).toEqual([]);
  const keys = renewedFiles.flatMap((name) => (name.endsWith('.crt') ? [name.replace('.crt', '.key')] : []));
  expect(changes(files, await kubeadmFiles(node))).toEqual(
    [...renewedFiles, ...keys].map((name) => `~ ${name}`).sort(),
  );

  const started = await processes(node);
  await restartControlPlane(node);
  expect((await processes(node)).split('\n').filter((line) => line && started.includes(line))).toEqual([]);
  await waitForCluster(node, { pods: expectedPods(nodeName) });
  expect(await servedCertificate(node, 6443)).toBe(renewed.get('/etc/kubernetes/pki/apiserver.crt'));
  expect(await servedCertificate(node, 2379)).toBe(renewed.get('/etc/kubernetes/pki/etcd/server.crt'));
}

const renewable = [
  'admin.conf',
  'apiserver',
  'apiserver-etcd-client',
  'apiserver-kubelet-client',
  'controller-manager.conf',
  'etcd-healthcheck-client',
  'etcd-peer',
  'etcd-server',
  'front-proxy-client',
  'scheduler.conf',
  'super-admin.conf',
];

const renewedFiles = renewable
  .map((name) => (name.endsWith('.conf') ? name : `pki/${name.replace(/^etcd-/, 'etcd/')}.crt`))
  .map((name) => `/etc/kubernetes/${name}`)
  .sort();

test('init by upstream, then phases, config commands and reset by ours', async () => {
  await withBoth(async (lab, node) => {
    const before = await nodeFiles(node);
    await run(node, upstream, `init ${config} --upload-certs`);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });

    await expectPhasesKeepAll(node, ours);
    await expectConfigIsRead(node);
    // Both refuse a finished init, whichever of them ran it.
    for (const program of [ours, upstream]) {
      const again = await attempt(node, program, `init ${config}`);
      expect(again.code).toBe(1);
      expect(again.stderr).toContain('[ERROR Port-6443]');
      expect(again.stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
    }
    await expectWorkingCluster(lab, node);
    await expectReset(node, ours, before);
    await run(node, upstream, `init ${config}`);
    await expectReset(node, upstream, before);
  });
});

/** Expects that ours reads the configuration that upstream stored, and writes it in the same way. */
async function expectConfigIsRead(node: LabNode): Promise<void> {
  const path = '{.data.ClusterConfiguration}';
  const query = ['-n', 'kube-system', 'get', 'configmap', 'kubeadm-config', '-o', `jsonpath=${path}`];
  await node.writeFile('/root/stored.yaml', await kubectl(node, query));
  expect((await run(node, ours, 'config validate --config /root/stored.yaml')).stdout).toBe('ok\n');
  for (const command of [
    'config images list --config /root/stored.yaml',
    'config images list -o json --config /root/stored.yaml',
  ]) {
    expect((await run(node, ours, command)).stdout).toBe((await run(node, upstream, command)).stdout);
  }
  // docs/differences.md: one duration that upstream sets to 0s; the documents are otherwise the same.
  const plain = (text: string): string =>
    text.replace(/token: \S+/, 'token: TOKEN').replace(/(controlPlaneComponentHealthCheck): \S+/, '$1: TIME');
  const migrate = 'config migrate --old-config /root/stored.yaml';
  const [migrated, expected] = [await run(node, ours, migrate), await run(node, upstream, migrate)];
  expect(plain(migrated.stdout)).toBe(plain(expected.stdout));
}

test('an init of ours that was cut off, reset by upstream, begins anew', async () => {
  await withBoth(async (lab, node) => {
    const before = await nodeFiles(node);
    const cut = await cutOff(node, init, { phase: 'upload-certs', moment: 'start' });
    expect(cut.killed, cut.output).toBe(true);
    await run(node, upstream, 'reset -f');
    expect(await tasks(node)).toBe('');
    // With other settings, nothing of the old run may block this one or appear in it.
    await writeConfig(lab, node, { cluster: { networking: { serviceSubnet: '10.97.0.0/16' } } });
    await run(node, ours, `init ${config}`);
    const served = await kubectl(node, ['get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}']);
    expect(served).toBe('10.97.0.1');
    await expectReset(node, ours, before);
  });
});

test('without root: each finds the accounts of the other, and reset takes them away', async () => {
  await withBoth(async (lab, node) => {
    await writeConfig(lab, node, { cluster: { featureGates: { RootlessControlPlane: true } } });
    const accounts = async (): Promise<string> => await node.mustExec(['cat', '/etc/passwd', '/etc/group']);
    const before = await accounts();
    const made: string[] = [];
    for (const [maker, other] of [
      [ours, upstream],
      [upstream, ours],
    ] as const) {
      await run(node, maker, `init ${config}`);
      const [files, present] = [await kubeadmFiles(node), await accounts()];
      expect(present).toContain('kubeadm-etcd:x:');
      for (const phase of ['etcd local', 'control-plane all']) {
        await run(node, other, `init phase ${phase} ${config}`);
      }
      expect(changes(files, await kubeadmFiles(node))).toEqual([]);
      expect(await accounts()).toBe(present);
      made.push(present);
      await run(node, other, 'reset -f');
      expect(await accounts()).toBe(before);
    }
    expect(made[0]).toBe(made[1]);
  });
});
