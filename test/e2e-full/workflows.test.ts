/** Clusters of several nodes that need their own order of commands: an external CA, super-admin.conf, and dry runs. */
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import { kubeadmConfig, type LabNode } from '../../lab/index.ts';
import { run } from '../support/interop.ts';
import {
  allNodes,
  expectReady,
  expectResets,
  first,
  initFirst,
  joining,
  joinNode,
  type Machines,
  type Program,
  withMachines,
  writeInitConfig,
} from '../support/many.ts';
import { configFile, fileList, runSuite } from '../support/node.ts';
import { upgradeToSame } from '../support/upgrade.ts';

const ours: Program = 'kubeadm';
const pki = '/etc/kubernetes/pki';

async function copyBetween(from: LabNode, to: LabNode, paths: readonly string[]): Promise<void> {
  for (const path of paths) await to.writeFile(path, await from.readFile(path), 0o600);
}

/** The files of the CAs and of the service accounts, which all control planes share. */
const sharedFiles = [
  ...['ca.crt', 'ca.key', 'sa.key', 'sa.pub', 'front-proxy-ca.crt', 'front-proxy-ca.key'],
  ...['etcd/ca.crt', 'etcd/ca.key'],
].map((name) => `${pki}/${name}`);

test('no command needs the key of an external CA', async () => {
  await withMachines(
    async (machines) => {
      const { controlPlanes, endpoint, kubernetes, lab, workers } = machines;
      const maker = first(machines);
      for (const node of controlPlanes) {
        if (node !== maker) await copyBetween(maker, node, sharedFiles);
        const text = kubeadmConfig(lab.adaptations, {
          addresses: node.addresses,
          kubernetes,
          cluster: { controlPlaneEndpoint: endpoint },
        });
        await node.writeFile(configFile, text, 0o600);
        for (const phase of ['certs all', 'kubeconfig all'])
          await run(node, ours, `init phase ${phase} --config ${configFile}`);
      }
      for (const node of workers) {
        const user = `kubeconfig user --org system:nodes --client-name system:node:${node.name}`;
        const { stdout } = await run(maker, ours, `${user} --config ${configFile}`);
        await node.writeFile('/etc/kubernetes/kubelet.conf', stdout, 0o600);
        await copyBetween(maker, node, [`${pki}/ca.crt`]);
      }
      for (const node of controlPlanes)
        await node.mustExec([
          'rm',
          ...['ca', 'front-proxy-ca', 'etcd/ca'].map((name) => `${pki}/${name}.key`),
        ]);

      const invitation = await initFirst(machines, { args: [] });
      const ignored = 'FileAvailable--etc-kubernetes-kubelet.conf,FileAvailable--etc-kubernetes-pki-ca.crt';
      const args = ['--ignore-preflight-errors', ignored];
      for (const node of [...controlPlanes.slice(1), ...workers]) {
        const controlPlane = controlPlanes.includes(node) ? {} : false;
        await joinNode(machines, node, { invitation, controlPlane, args });
      }
      await expectReady(machines, allNodes(machines));
      await runSuite(maker);
      await upgradeToSame(machines);
      await expectReady(machines, allNodes(machines));
      await runSuite(maker);
      for (const node of controlPlanes)
        expect((await node.exec(['test', '-e', `${pki}/ca.key`])).code).toBe(1);
      await expectResets(machines);
    },
    { controlPlanes: 2, workers: 1 },
  );
});

const superAdmin = '/etc/kubernetes/super-admin.conf';

async function subjectOf(node: LabNode, path: string): Promise<string> {
  const script = `case $1 in *.conf) sed -n 's/.*client-certificate-data: //p' $1 | base64 -d;; *) cat $1;; esac | openssl x509 -noout -subject -nameopt RFC2253`;
  return (await node.mustExec(['sh', '-ec', script, 'subject', path])).trim();
}

/** Expects the subjects of the administrators, and that each of these certificates can be renewed. */
async function expectAdministrators(node: LabNode, hasSuperAdmin: boolean): Promise<void> {
  expect(await subjectOf(node, '/etc/kubernetes/admin.conf')).toBe(
    'subject=CN=kubernetes-admin,O=kubeadm:cluster-admins',
  );
  expect(await subjectOf(node, `${pki}/apiserver-kubelet-client.crt`)).toBe(
    'subject=CN=kube-apiserver-kubelet-client',
  );
  if (hasSuperAdmin)
    expect(await subjectOf(node, superAdmin)).toBe('subject=CN=kubernetes-super-admin,O=system:masters');
  for (const name of ['admin.conf', 'super-admin.conf', 'apiserver-kubelet-client'])
    await run(node, ours, `certs renew ${name}`);
  await run(node, ours, 'certs check-expiration');
  expect((await node.exec(['test', '-e', superAdmin])).code).toBe(hasSuperAdmin ? 0 : 1);
}

test('only the first control plane has super-admin.conf, and nothing needs it after init', async () => {
  await withMachines(
    async (machines) => {
      const [cp1, cp2] = machines.controlPlanes;
      if (cp1 === undefined || cp2 === undefined) throw new RangeError('two control planes are needed');
      await writeInitConfig(machines);
      const phases = [
        'certs ca',
        'kubeconfig admin',
        'kubeconfig super-admin',
        'certs apiserver-kubelet-client',
      ];
      for (const phase of phases) await run(cp1, ours, `init phase ${phase} --config ${configFile}`);
      await expectAdministrators(cp1, true);
      await cp1.mustExec(['rm', superAdmin]);
      await expectAdministrators(cp1, false);

      // The files of the phases stay, so that init finds them.
      const invitation = await initFirst(machines);
      await expectAdministrators(cp1, true);
      await cp1.mustExec(['rm', superAdmin]);
      await joinNode(machines, cp2, { invitation, controlPlane: true });
      await expectReady(machines, allNodes(machines));
      await expectAdministrators(cp2, false);
      await upgradeToSame(machines);
      for (const node of machines.controlPlanes)
        expect((await node.exec(['test', '-e', superAdmin])).code).toBe(1);
      for (const node of machines.controlPlanes)
        await kubectl(node, ['-n', 'kube-system', 'get', 'configmap', 'kubeadm-config']);
      await runSuite(cp1, []);
      await expectResets(machines);
      for (const node of machines.controlPlanes)
        expect((await node.exec(['ls', superAdmin, '/etc/kubernetes/admin.conf'])).stdout).toBe('');
    },
    { controlPlanes: 2 },
  );
});

/** Runs the command, and expects that it leaves no file outside of the folder of dry runs. */
async function expectNoChange(node: LabNode, program: Program, command: string): Promise<void> {
  const before = await files(node);
  await run(node, program, command);
  expect(await files(node), command).toBe(before);
}

async function files(node: LabNode): Promise<string> {
  const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd', '/etc/cni'];
  const list = await fileList(node, folders);
  // The kubelet writes its own files all the time.
  const changing =
    /^\/etc\/kubernetes\/tmp|^\/etc\/kubernetes [0-9]|^\/var\/lib\/kubelet\/(?!config|kubeadm)|^\/var\/lib\/etcd\//;
  return list
    .split('\n')
    .filter((line) => !changing.test(line))
    .join('\n');
}

test('dry runs before a cluster and in it exit with 0 and change nothing', async () => {
  await withMachines(
    async (machines) => {
      const [cp1, w1] = [first(machines), machines.workers[0]];
      if (w1 === undefined) throw new RangeError('there is no worker');
      const ignored = machines.lab.adaptations.ignorePreflightErrors.join(',') || 'none';
      const flags = `--ignore-preflight-errors ${ignored} --dry-run`;
      const nowhere =
        '10.88.0.250:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification';
      const key = '0'.repeat(64);
      await writeInitConfig(machines);
      await expectNoChange(cp1, ours, `init --config ${configFile} --dry-run`);
      await expectNoChange(cp1, joining, `join ${nowhere} --control-plane --certificate-key ${key} ${flags}`);
      await expectNoChange(w1, ours, `join ${nowhere} ${flags}`);
      const apply = `upgrade apply ${machines.kubernetes} -y ${flags}`;
      await expectNoChange(cp1, ours, apply);
      await expectNoChange(w1, ours, `upgrade node ${flags}`);
      await expectNoChange(cp1, ours, 'reset -f --dry-run');

      const { caCertHashes, token, ...invitation } = await initFirst(machines, { args: [] });
      const join = `join ${machines.endpoint} --token ${token} --discovery-token-ca-cert-hash ${caCertHashes.join(',')}`;
      await expectNoChange(w1, ours, `${join} ${flags}`);
      await joinNode(machines, w1, { invitation: { caCertHashes, token, ...invitation } });
      await expectReady(machines, allNodes(machines));
      await expectNoChange(cp1, ours, apply);
      await expectNoChange(w1, ours, `upgrade node ${flags}`);
      for (const node of allNodes(machines)) await expectNoChange(node, ours, 'reset -f --dry-run');
      await expectReady(machines, allNodes(machines));
      await runSuite(cp1);
      await expectResets(machines);
    },
    { workers: 1 },
  );
});

/** The commands of a machine between the two clusters must not be refused. */
test('a machine joins as a worker, is reset, and joins as a control plane', async () => {
  await withMachines(
    async (machines: Machines) => {
      const [, cp2] = machines.controlPlanes;
      if (cp2 === undefined) throw new RangeError('two control planes are needed');
      const invitation = await initFirst(machines);
      await joinNode(machines, cp2, { invitation });
      await expectReady(machines, machines.controlPlanes);
      await run(cp2, ours, 'reset -f');
      await kubectl(first(machines), ['delete', 'node', cp2.name]);
      await joinNode(machines, cp2, { invitation, controlPlane: true });
      await expectReady(machines, machines.controlPlanes);
      await expectResets(machines);
    },
    { controlPlanes: 2 },
  );
});
