/** One cluster on one node, from `init` to `reset`. Each test starts from the state that the previous ones left. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { kubectl, proveCluster } from '../../lab/cluster.ts';
import { createLab, type Lab, type LabNode } from '../../lab/index.ts';
import { execKubeadm, type Run } from '../support/events.ts';
import { upstream } from '../support/interop.ts';
import {
  configFile,
  expectWorkingCluster,
  fileList,
  kubeadm,
  nodeName,
  runKubeadm,
  writeConfig,
} from '../support/node.ts';
import { expectRenewal } from './cluster/certificates.ts';
import { expectNoSecrets, withCommandLines } from './cluster/secrets.ts';
import { expectSameTokens } from './cluster/tokens.ts';

/** Folders that init fills and reset empties. */
const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd'];

let lab: Lab;
let node: LabNode;
let before: string;
let init: Run;
let commandLines: string;

beforeAll(async () => {
  const { programs } = await ensureComponents({ set: 'compare' });
  lab = await createLab({ components: await ensureComponents(), nodes: [{ name: nodeName, kubeadm }] });
  node = lab.node(nodeName);
  await node.copyIn(programs.kubeadm, `/usr/local/bin/${upstream}`);
  await writeConfig(lab, node);
  before = await fileList(node, folders);
  const args = ['init', '--config', configFile, '--upload-certs', '-v', '10'];
  const work = async (): Promise<Run> => await execKubeadm(node, args, { timeoutMs: 300_000 });
  ({ result: init, commandLines } = await withCommandLines(node, work));
  expect(init.code, init.stderr).toBe(0);
});

afterAll(async () => {
  await lab.delete();
});

test('init at the highest verbosity does not reveal a secret', async () => {
  await expectNoSecrets(node, { init, commandLines });
});

test('init makes a working cluster', async () => {
  expect(init.stdout).toContain('[init] Using Kubernetes version: v1.36.2\n');
  expect(init.stdout).toContain('Your Kubernetes control-plane has initialized successfully!');
  expect(init.stdout).toMatch(
    /kubeadm join \S+:6443 --token \S+ \\\n\t--discovery-token-ca-cert-hash sha256:[0-9a-f]{64} \n/,
  );
  await expectWorkingCluster(lab, node);
  await proveCluster(node);
  const json: unknown = JSON.parse(await kubectl(node, ['get', 'node', nodeName, '-o', 'json']));
  expect(json).toMatchObject({
    metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
    spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
  });
});

test('all certificates are renewed, and the control plane starts with the new ones', async () => {
  await expectRenewal(lab, node);
});

test('this kubeadm and upstream create, list and delete the same tokens', async () => {
  await expectSameTokens(node);
});

test('reset leaves the node as it was before init', async () => {
  await runKubeadm(node, ['reset', '-f']);
  expect(await leftovers()).toEqual([]);
  const pods = await node.mustExec(['ctr', '-n', 'k8s.io', 'tasks', 'list', '-q']);
  expect(pods).toBe('');
  // The mounts and processes of the kubelet.
  expect((await node.readFile('/proc/mounts')).match(/^\S+ \/var\/lib\/kubelet\/.*$/gm)).toBeNull();
  const processes = await node.mustExec(['ps', '-eo', 'comm=']);
  expect(processes).not.toMatch(/^(etcd|kube-|kubelet|coredns|pause)/m);
});

/** Files that did not exist before init. Empty directories do not count, because upstream's reset leaves them, too. */
async function leftovers(): Promise<readonly string[]> {
  const known = new Set(before.split('\n'));
  return (await fileList(node, folders))
    .split('\n')
    .filter((line) => line !== '' && !known.has(line) && !/ d$/.test(line));
}
