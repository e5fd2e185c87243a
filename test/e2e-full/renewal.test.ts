/** `kubeadm certs renew all --restart` on each of three control planes, while a client writes to the cluster all the time. */
import { expect, test } from 'vitest';

import { expectedPods, kubectl, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { type ApiWriter, withApiWriter } from '../support/api-writer.ts';
import { cutOff } from '../support/cut-off.ts';
import { members } from '../support/etcd.ts';
import { execKubeadm } from '../support/events.ts';
import { certificates, changes } from '../support/interop.ts';
import { expectReady, first, initFirst, joinAll, type Machines, withMachines } from '../support/many.ts';
import { configFile, nodeName, runKubeadm, runSuite, withNode, writeConfig } from '../support/node.ts';
import { servedCertificates, unchanged } from '../support/renewal.ts';

const command = ['certs', 'renew', 'all', '--restart'];
/** Random instants; another number gives others. */
const kills = 6;
/** Long enough for a renewal on a busy machine. */
const validMinutes = 4;

const report = (text: string): void => void process.stderr.write(`renewal: ${text}\n`);

/** Expects that the certificates of a node are the ones that its components use, and that nothing else is left. */
async function expectRenewed(machines: Machines, node: LabNode, renew: () => Promise<void>): Promise<void> {
  const [served, files] = [await servedCertificates(node), await certificates(node)];
  await renew();
  expect(unchanged(served, await servedCertificates(node))).toEqual([]);
  const renewed = await certificates(node);
  const authorities = /ca\.crt$|kubelet\.conf$/;
  const names = [...files.keys()].filter((name) => !authorities.test(name));
  expect(changes(files, renewed)).toEqual(names.map((name) => `~ ${name}`).sort());
  expect((await node.exec(['test', '-e', '/var/lib/kubeadm'])).code).toBe(1);
  const states = await members(first(machines));
  expect(states.filter(({ isLearner, isStarted }) => isLearner || !isStarted)).toEqual([]);
}

async function renewEach(machines: Machines, writer: ApiWriter): Promise<void> {
  const { controlPlanes } = machines;
  let milliseconds = 0;
  for (const node of controlPlanes) {
    const start = performance.now();
    await expectRenewed(machines, node, async () => void (await runKubeadm(node, command)));
    milliseconds = performance.now() - start;
    report(`${node.name} took ${(milliseconds / 1000).toFixed(1)} s`);
  }
  for (let index = 0; index < kills; index += 1) {
    const node = controlPlanes[index % controlPlanes.length] ?? first(machines);
    const instant = { milliseconds: Math.round(((index + Math.random()) / kills) * milliseconds) };
    await expectRenewed(machines, node, async () => {
      const { killed } = await cutOff(node, command, instant);
      report(`${node.name} killed after ${instant.milliseconds} ms: ${killed}`);
      await runKubeadm(node, command);
    });
  }
  await expectReady(machines, controlPlanes);
  const { acknowledged, failed, longestGapMs, lost } = await writer.stop(first(machines));
  report(
    `${acknowledged} acknowledged, ${failed} failed, ${lost.length} lost, longest gap ${longestGapMs} ms`,
  );
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(500);
}

test('a renewal of three control planes loses no write, also if it is killed and run again', async () => {
  await withMachines(
    async (machines) => {
      const { balancer } = machines;
      await joinAll(machines, { invitation: await initFirst(machines) });
      const admin = first(machines);
      const endpoint = `${balancer.addresses.ipv4}:6443`;
      await withApiWriter(balancer, { admin, endpoint }, (writer) => renewEach(machines, writer));
      expect(await kubectl(admin, ['get', '--raw', '/readyz'])).toBe('ok');
      await runSuite(admin, []);
    },
    { controlPlanes: 3 },
  );
});

test('a control plane whose certificates have all expired works again after one command', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    await runKubeadm(node, ['init', '--config', configFile]);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
    await writeConfig(lab, node, { cluster: { certificateValidityPeriod: `${validMinutes}m0s` } });
    await runKubeadm(node, [...command, '--config', configFile]);
    await node.mustExec(['sleep', String(validMinutes * 60)], { timeoutMs: (validMinutes + 1) * 60_000 });
    const broken = await node.exec(['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', 'get', 'nodes']);
    expect(broken.stderr).toMatch(/expired|Unauthorized|must be logged in|refused/);
    const start = performance.now();
    await runKubeadm(node, command, 600_000);
    report(`expired certificates took ${((performance.now() - start) / 1000).toFixed(1)} s`);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
    await runSuite(node);
  });
});

test('a controller manager that cannot start is named, and the next renewal goes on when it is mended', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    await runKubeadm(node, ['init', '--config', configFile]);
    const authority = '/etc/kubernetes/pki/front-proxy-ca.crt';
    await node.mustExec(['mv', authority, '/root/front-proxy-ca.crt']);
    const start = performance.now();
    const one = ['certs', 'renew', 'controller-manager.conf', '--restart'];
    const { code, stderr } = await execKubeadm(node, one, { timeoutMs: 500_000 });
    report(
      `a controller manager that cannot start took ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    expect(code).toBe(1);
    expect(stderr).toContain(authority);
    await node.mustExec(['mv', '/root/front-proxy-ca.crt', authority]);
    await runKubeadm(node, command);
    expect(await kubectl(node, ['get', '--raw', '/readyz'])).toBe('ok');
  });
});
