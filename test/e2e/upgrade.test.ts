/** `kubeadm upgrade` on a control plane that has the version of this kubeadm already. */
import { expect, test } from 'vitest';

import { expectedPods, kubectl, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { cutOff } from '../support/cut-off.ts';
import { execKubeadm } from '../support/events.ts';
import { describeInstant, type Instant, mustLand, randomFrom, seedOf } from '../support/instants.ts';
import { configFile, nodeName, runKubeadm, withNode, writeConfig } from '../support/node.ts';

const version = 'v1.36.2';
const manifests = '/etc/kubernetes/manifests';
const patches = '/root/patches';
const recordFile = '/var/lib/kubeadm/unfinished-run.json';
const seed = seedOf(process.env);

const apply = ['upgrade', 'apply', version, '-y', '--ignore-preflight-errors', 'SystemVerification'];

async function hashesOf(node: LabNode): Promise<string> {
  return await node.mustExec(['sh', '-c', `sha256sum ${manifests}/*`]);
}

/** The UIDs of the static Pods, one line for each. The kubelet makes a new one from a new manifest. */
async function staticPods(node: LabNode): Promise<readonly string[]> {
  const path =
    '{range .items[*]}{.metadata.name} {.metadata.annotations.kubernetes\\.io/config\\.hash}{"\\n"}{end}';
  const text = await kubectl(node, [
    ...['-n', 'kube-system', 'get', 'pods', '-l', 'tier=control-plane', '-o'],
    `jsonpath=${path}`,
  ]);
  return text.trim().split('\n').sort();
}

/** Gives the scheduler this flag alone in the configuration in the cluster. */
async function configureFlag(node: LabNode, name: string, value: string): Promise<void> {
  const text = await kubectl(node, [
    ...['-n', 'kube-system', 'get', 'configmap', 'kubeadm-config', '-o'],
    'jsonpath={.data.ClusterConfiguration}',
  ]);
  const flag = `scheduler:\n  extraArgs:\n  - {name: ${name}, value: "${value}"}`;
  const changed = text.replace(/^scheduler:.*(?:\n .*)*$/m, flag);
  expect(changed).not.toBe(text);
  const patch = JSON.stringify({ data: { ClusterConfiguration: changed } });
  await kubectl(node, ['-n', 'kube-system', 'patch', 'configmap', 'kubeadm-config', '-p', patch]);
}

test('an upgrade changes what the configuration changed, and puts back what does not come up', async () => {
  await withNode(async (lab, node) => {
    const report = (text: string): void => void process.stderr.write(`upgrade: ${text}\n`);
    const timed = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const result = await run();
      report(`${what} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
      return result;
    };
    await writeConfig(lab, node);
    await runKubeadm(node, ['init', '--config', configFile]);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
    const [files, pods] = [await hashesOf(node), await staticPods(node)];
    expect(pods).toHaveLength(4);

    // There is no newer version, so the plan is empty, as upstream.
    const plan = await timed('plan', () => runKubeadm(node, ['upgrade', 'plan', version, '-o', 'json']));
    expect(plan).toBe('');
    expect(await runKubeadm(node, ['upgrade', 'diff', version])).not.toMatch(/^[+-]/m);

    await timed('apply without a change', () => runKubeadm(node, apply));
    expect([await hashesOf(node), await staticPods(node)]).toEqual([files, pods]);

    await configureFlag(node, 'kube-api-burst', '99');
    const diff = await runKubeadm(node, ['upgrade', 'diff', version]);
    expect(diff.split('\n').filter((line) => /^[+-] /.test(line))).toEqual(['+    - --kube-api-burst=99']);
    const kubeconfig = '/etc/kubernetes/scheduler.conf';
    const before = await node.readFile(kubeconfig);
    await timed('apply with a changed scheduler', () => runKubeadm(node, apply));
    expect(await node.readFile(`${manifests}/kube-scheduler.yaml`)).toContain('--kube-api-burst=99');
    expect(await node.readFile(kubeconfig), 'the certificate of the scheduler').not.toBe(before);
    const changed = (await staticPods(node)).filter((pod) => !pods.includes(pod));
    expect(changed.map((pod) => pod.split(' ')[0])).toEqual([`kube-scheduler-${nodeName}`]);

    const [goodFiles, goodPods] = [await hashesOf(node), await staticPods(node)];
    const add = [{ op: 'add', path: '/spec/containers/0/command/-', value: '--no-such-flag=1' }];
    await node.writeFile(`${patches}/kube-apiserver+json.json`, JSON.stringify(add));
    const failed = await timed('apply with a flag that the API server does not know', () =>
      execKubeadm(node, [...apply, '--patches', patches], { timeoutMs: 300_000 }),
    );
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--no-such-flag[\s\S]*put the earlier manifests of kube-apiserver back/),
    });
    expect([await hashesOf(node), await staticPods(node)]).toEqual([goodFiles, goodPods]);
    await waitForCluster(node, { pods: expectedPods(nodeName) });

    // The same command completes a run that was killed.
    const swap = 'control-plane/swap';
    const instants: readonly Instant[] = [
      { phase: swap, moment: 'start' },
      { phase: swap, moment: 'end' },
      { milliseconds: 3_000 + Math.round(randomFrom(seed)() * 12_000) },
    ];
    for (const [index, instant] of instants.entries()) {
      const burst = String(200 + index);
      await configureFlag(node, 'kube-api-burst', burst);
      const where = `KILL_SEED=${seed}: ${describeInstant(instant)}`;
      const { killed } = await timed(`apply, killed ${where}`, () => cutOff(node, apply, instant));
      if (mustLand(instant)) expect(killed, where).toBe(true);
      await timed('the same command', () => runKubeadm(node, apply));
      const manifest = await node.readFile(`${manifests}/kube-scheduler.yaml`);
      expect(manifest, where).toContain(`--kube-api-burst=${burst}`);
      expect((await node.exec(['test', '-e', recordFile])).code, where).toBe(1);
    }
    await waitForCluster(node, { pods: expectedPods(nodeName) });
  });
});
