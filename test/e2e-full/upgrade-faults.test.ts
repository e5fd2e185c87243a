/** An upgrade that cannot succeed puts back what it has changed, names the cause and leaves a healthy cluster. */
import { expect, test } from 'vitest';

import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { attempt, run, upstream, withBoth } from '../support/interop.ts';
import { configFile, nodeName } from '../support/node.ts';

const version = 'v1.36.2';
const patches = '/root/patches';
const manifests = '/etc/kubernetes/manifests';
const apply = `upgrade apply ${version} -y --ignore-preflight-errors SystemVerification --patches ${patches}`;

interface Fault {
  readonly name: string;
  /** A JSON patch for a component. */
  readonly patch?: { readonly component: string; readonly operations: readonly object[] };
  /** Makes the machine faulty, and repairs it. */
  readonly script?: { readonly before: string; readonly after: string };
  /** Matches the first line of the error. */
  readonly cause: RegExp;
  /** Matches the rest. */
  readonly outcome: RegExp;
}

function flag(component: string): NonNullable<Fault['patch']> {
  const path = '/spec/containers/0/command/-';
  return { component, operations: [{ op: 'add', path, value: '--no-such-flag=1' }] };
}

/** A change that lets etcd be replaced although its image stays. */
const changedEtcd = { op: 'add', path: '/metadata/annotations/changed', value: 'yes' };

const faults: readonly Fault[] = [
  {
    name: 'a flag that the API server does not know',
    patch: flag('kube-apiserver'),
    cause: /kube-apiserver does not know the flag --no-such-flag/,
    outcome: /put the earlier manifests of kube-apiserver back, and these components run again/,
  },
  {
    name: 'an image of the scheduler that nobody has',
    patch: {
      component: 'kube-scheduler',
      operations: [
        {
          op: 'replace',
          path: '/spec/containers/0/image',
          value: 'registry.invalid/kube-scheduler:v1.36.2',
        },
      ],
    },
    cause: /registry\.invalid\/kube-scheduler:v1\.36\.2/,
    outcome: /put the earlier manifests of kube-scheduler back, and these components run again/,
  },
  {
    name: 'a disk that is too small for the back-up of etcd',
    patch: { component: 'etcd', operations: [changedEtcd] },
    script: {
      before: 'mkdir -p /etc/kubernetes/tmp && mount -t tmpfs -o size=4m none /etc/kubernetes/tmp',
      after: 'umount /etc/kubernetes/tmp',
    },
    cause: /no space left on device/,
    outcome: /file system of \/etc\/kubernetes\/tmp\S* has \d+ MiB free/,
  },
  {
    name: 'an etcd that does not start',
    patch: flag('etcd'),
    cause: /etcd does not know the flag --?no-such-flag/,
    outcome: /put the earlier manifests of etcd back, and these components run again/,
  },
];

async function state(node: LabNode): Promise<string> {
  return await node.mustExec(['sh', '-c', `sha256sum ${manifests}/*`]);
}

async function makeFaulty(node: LabNode, { patch, script }: Fault): Promise<void> {
  await node.mustExec(['rm', '-rf', patches]);
  await node.mustExec(['mkdir', '-p', patches]);
  if (patch !== undefined) {
    const { component, operations } = patch;
    await node.writeFile(`${patches}/${component}+json.json`, JSON.stringify(operations));
  }
  if (script !== undefined) await node.mustExec(['sh', '-ec', script.before]);
}

/** The error of the output without the events before it. */
function errorIn(output: string): string {
  return output.slice(Math.max(0, output.lastIndexOf('error: ')));
}

test('each fault is named in the first line, and the cluster is healthy soon after', async () => {
  await withBoth(async (lab, node) => {
    await run(node, 'kubeadm', `init --config ${configFile}`);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
    const before = await state(node);
    for (const fault of faults) {
      await makeFaulty(node, fault);
      const start = performance.now();
      const { code, stderr, stdout } = await attempt(node, 'kubeadm', apply);
      const seconds = (performance.now() - start) / 1000;
      if (fault.script !== undefined) await node.mustExec(['sh', '-ec', fault.script.after]);
      const error = errorIn(stderr);
      console.log(`figure put back, ${fault.name}: ${seconds.toFixed(1)} s\n${error}`);
      expect(code, stdout + stderr).toBe(1);
      expect(error.split('\n', 1)[0]).toMatch(fault.cause);
      expect(error).toMatch(fault.outcome);
      expect(await state(node), fault.name).toBe(before);
      await waitForCluster(node, { pods: expectedPods(nodeName) });
    }
    // The same command without a fault ends well.
    await node.mustExec(['sh', '-c', `rm ${patches}/*`]);
    await run(node, 'kubeadm', apply);
  });
});

test("upstream's kubeadm waits five minutes for an API server that does not know a flag", async () => {
  await withBoth(async (lab, node) => {
    await run(node, 'kubeadm', `init --config ${configFile}`);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
    await makeFaulty(node, { name: '', patch: flag('kube-apiserver'), cause: /^/, outcome: /^/ });
    const start = performance.now();
    const { code, stderr } = await node.exec([upstream, ...apply.split(' ')], { timeoutMs: 600_000 });
    const seconds = (performance.now() - start) / 1000;
    console.log(`figure put back by upstream, the API server: ${seconds.toFixed(1)} s\n${stderr}`);
    expect(code).toBe(1);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
  });
});
