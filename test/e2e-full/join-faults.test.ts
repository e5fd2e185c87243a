/** Faults during a join: a clear end or a recovery, and a healthy cluster after each. */
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import type { LabNode, RunResult } from '../../lab/index.ts';
import { leader, members } from '../support/etcd.ts';
import { eventFile, execKubeadm } from '../support/events.ts';
import { run } from '../support/interop.ts';
import {
  connectPods,
  expectReady,
  first,
  type Invitation,
  initFirst,
  type JoinOptions,
  joinNode,
  type Machines,
  withMachines,
  writeJoinConfig,
} from '../support/many.ts';
import { configFile } from '../support/node.ts';
import { proxyPort, proxyTargets, startProxy } from '../support/proxy.ts';

const join = `join --config ${configFile}`;

/** A fault that comes while a node joins, and its end. */
type Fault = (machines: Machines, invitation: Invitation) => Promise<void>;

/** Waits until the phase of the join has started on the node. */
async function phaseStarts(node: LabNode, phase: string): Promise<void> {
  const pattern = `"type":"phase-started","phase":"${phase}"`;
  const wait = `for i in $(seq 3000); do grep -q '${pattern}' ${eventFile} 2>/dev/null && exit 0; sleep 0.02; done; exit 1`;
  await node.mustExec(['sh', '-c', wait], { timeoutMs: 90_000 });
}

/** Waits until etcd has a member with this number of other ones. */
async function memberIsAdded(node: LabNode, count: number): Promise<void> {
  await expect
    .poll(async () => (await members(node)).length, { timeout: 90_000, interval: 50 })
    .toBeGreaterThanOrEqual(count);
}

interface Ended {
  readonly result: RunResult;
  readonly seconds: number;
}

interface JoinRun {
  /** Runs beside the join. */
  readonly fault?: () => Promise<void>;
  /** A program with its arguments that starts kubeadm. */
  readonly under?: readonly string[];
}

/** Runs a join beside the fault. Returns any exit code, and prints the seconds to the end. */
async function joinWith(what: string, node: LabNode, { fault, under = [] }: JoinRun): Promise<Ended> {
  const started = performance.now();
  const args = ['join', '--config', configFile];
  const ending = execKubeadm(node, args, { timeoutMs: 300_000, under }).then((result) => ({
    result,
    seconds: (performance.now() - started) / 1000,
  }));
  const [ended] = await Promise.all([ending, fault?.()]);
  console.log(`${what}: exit code ${ended.result.code} after ${ended.seconds.toFixed(1)} s`);
  return ended;
}

const stopApiServer = 'systemctl stop kubelet; pkill -KILL -x kube-apiserver';

/** Kills the API server for 20 seconds. Its Pod starts again with the kubelet. */
async function apiServerGone(node: LabNode): Promise<void> {
  await node.exec(['sh', '-c', stopApiServer]);
  await sleep(20_000);
  await node.mustExec(['systemctl', 'start', 'kubelet']);
}

test('a worker joins although the API server is gone for 20 s', async () => {
  await withMachines(
    async (machines) => {
      const [worker, other] = machines.workers;
      if (worker === undefined || other === undefined) throw new RangeError('two workers are needed');
      const invitation = await initFirst(machines);
      for (const [node, phase] of [
        [worker, 'preflight/machine'],
        [other, 'kubelet-wait-bootstrap'],
      ] as const) {
        await writeJoinConfig(machines, node, { invitation });
        const { result } = await joinWith(`API server gone at ${phase}`, node, {
          fault: async () => {
            await phaseStarts(node, phase);
            await apiServerGone(first(machines));
          },
        });
        expect(result.code, result.stderr).toBe(0);
        await connectPods(machines, node);
        await kubectl(first(machines), [
          'wait',
          '--for=condition=Ready',
          `node/${node.name}`,
          '--timeout=60s',
        ]);
      }
    },
    { workers: 2 },
  );
});

/** Expects that no member of etcd is left that never started or never became a voter. */
async function expectVoters(node: LabNode, names: readonly string[]): Promise<void> {
  const found = await members(node);
  expect(found.filter(({ isLearner, isStarted }) => isLearner || !isStarted)).toEqual([]);
  expect(found.map(({ name }) => name).sort()).toEqual(names);
}

test.each<{ readonly name: string; readonly fault: Fault }>([
  {
    name: 'the leader of etcd loses its power after the member was added',
    fault: async ({ controlPlanes, lab }) => {
      const witness = controlPlanes[0];
      if (witness === undefined) return;
      await memberIsAdded(witness, 4);
      const { name } = await leader(witness);
      await lab.cutPower(name);
      await sleep(20_000);
      await lab.boot(name);
    },
  },
  {
    name: 'the network of the joining node is cut for 20 s after the member was added',
    fault: async ({ controlPlanes, lab }) => {
      const witness = controlPlanes[0];
      if (witness === undefined) return;
      await memberIsAdded(witness, 4);
      await lab.setLink('cp4', false);
      await sleep(20_000);
      await lab.setLink('cp4', true);
    },
  },
])('a fourth control plane joins when $name', async ({ fault, name }) => {
  await withMachines(
    async (machines) => {
      const { controlPlanes } = machines;
      const invitation = await initFirst(machines);
      for (const node of controlPlanes.slice(1, 3))
        await joinNode(machines, node, { invitation, controlPlane: true });
      const last = controlPlanes[3];
      if (last === undefined) throw new RangeError('four control planes are needed');
      await writeJoinConfig(machines, last, { invitation, controlPlane: true });
      const { result } = await joinWith(name, last, {
        fault: async () => await fault(machines, invitation),
      });
      // A join that ends with an error must go on when it is run again.
      if (result.code !== 0) {
        expect(result.stderr).toMatch(/^error: |error execution phase/m);
        await run(last, 'kubeadm', join);
      }
      await connectPods(machines, last, last);
      await expectReady(machines, controlPlanes);
      await expectVoters(last, ['cp1', 'cp2', 'cp3', 'cp4']);
    },
    { controlPlanes: 4 },
  );
});

/** A join that cannot succeed: the change before it, and what its error must say. */
interface Refusal {
  readonly name: string;
  readonly options?: JoinOptions;
  readonly before?: (machines: Machines) => Promise<void>;
  readonly during?: (machines: Machines, node: LabNode, invitation: Invitation) => Promise<void>;
  readonly says: RegExp;
  readonly withinSeconds: number;
  /** Repairs the cluster, with the commands that the error names. */
  readonly after?: (machines: Machines) => Promise<void>;
}

const approval = ['clusterrolebinding', 'kubeadm:node-autoapprove-bootstrap'];
const signingRequests =
  'get csr --no-headers -o custom-columns=NAME:.metadata.name,CONDITIONS:.status.conditions';

/** The name of the first request that nobody has decided about. */
async function waitingRequest(machines: Machines): Promise<string | undefined> {
  return /^(\S+)\s+<none>/m.exec(await kubectl(first(machines), signingRequests.split(' ')))?.[1];
}

/** Decides about the first request that waits, with `kubectl certificate`. */
async function decide(machines: Machines, decision: 'approve' | 'deny', afterMs: number): Promise<void> {
  await expect.poll(async () => await waitingRequest(machines), { timeout: 60_000 }).toBeDefined();
  await sleep(afterMs);
  await kubectl(first(machines), ['certificate', decision, (await waitingRequest(machines)) ?? '']);
}

async function repair(machines: Machines, phase: string): Promise<void> {
  await run(first(machines), 'kubeadm', `init phase ${phase} --config ${configFile}`);
}

const refusals: readonly Refusal[] = [
  {
    name: 'the name of the node is taken by a Ready one',
    options: { join: { nodeRegistration: { name: 'cp1', ignorePreflightErrors: ['all'] } } },
    says: /cp1/,
    withinSeconds: 20,
  },
  {
    name: 'the token is deleted half way',
    before: async (machines) => void (await kubectl(first(machines), ['delete', ...approval])),
    during: async (machines, _node, { token }) => {
      await expect.poll(async () => await waitingRequest(machines), { timeout: 60_000 }).toBeDefined();
      await run(first(machines), 'kubeadm', `token delete ${token.slice(0, 6)}`);
    },
    says: /does not accept the bootstrap token/,
    withinSeconds: 45,
    after: async (machines) => await repair(machines, 'bootstrap-token'),
  },
  {
    name: 'the request of the kubelet is denied',
    before: async (machines) => void (await kubectl(first(machines), ['delete', ...approval])),
    during: async (machines) => await decide(machines, 'deny', 0),
    says: /kubectl delete csr csr-\w+[\s\S]*the certificate signing request csr-\w+ was denied/,
    withinSeconds: 45,
    after: async (machines) => await repair(machines, 'bootstrap-token'),
  },
  {
    name: 'the token may not ask for a certificate',
    before: async (machines) =>
      void (await kubectl(first(machines), ['delete', 'clusterrolebinding', 'kubeadm:kubelet-bootstrap'])),
    says: /may not ask for a client certificate[\s\S]*kubeadm:kubelet-bootstrap/,
    withinSeconds: 45,
    after: async (machines) => await repair(machines, 'bootstrap-token'),
  },
  {
    name: 'the token may not read kubeadm-config',
    before: async (machines) => {
      const role = ['role', 'kubeadm:nodes-kubeadm-config'];
      await kubectl(first(machines), ['-n', 'kube-system', 'delete', ...role]);
    },
    says: /kubeadm-config[\s\S]*kubeadm:nodes-kubeadm-config/,
    withinSeconds: 20,
    after: async (machines) => await repair(machines, 'upload-config kubeadm'),
  },
];

test('a join that cannot succeed ends with the reason, and the next one succeeds', async () => {
  await withMachines(
    async (machines) => {
      const node = machines.workers[0];
      if (node === undefined) throw new RangeError('there is no worker');
      let invitation = await initFirst(machines);
      for (const { after, before, during, name, options, says, withinSeconds } of refusals) {
        await writeJoinConfig(machines, node, { invitation, ...options });
        await before?.(machines);
        const { result, seconds } = await joinWith(name, node, {
          fault: async () => await during?.(machines, node, invitation),
        });
        expect.soft(result.code, name).toBe(1);
        expect.soft(result.stderr, name).toMatch(says);
        expect.soft(seconds, name).toBeLessThan(withinSeconds);
        await after?.(machines);
        await run(node, 'kubeadm', 'reset -f');
        await kubectl(first(machines), ['delete', 'csr', '--all']);
        const { stdout } = await run(first(machines), 'kubeadm', 'token create');
        invitation = { ...invitation, token: stdout.trim() };
      }
      await joinNode(machines, node, { invitation });
      await expectReady(machines, [first(machines), node]);
    },
    { workers: 1 },
  );
});

test('a worker waits for an administrator who approves its request', async () => {
  await withMachines(
    async (machines) => {
      const node = machines.workers[0];
      if (node === undefined) throw new RangeError('there is no worker');
      const invitation = await initFirst(machines);
      await kubectl(first(machines), ['delete', ...approval]);
      await writeJoinConfig(machines, node, { invitation });
      const { result } = await joinWith('approved by hand', node, {
        fault: async () => await decide(machines, 'approve', 15_000),
      });
      expect(result.code, result.stderr).toBe(0);
      expect(result.stdout).toMatch(/'kubectl certificate approve csr-\w+'/);
      await expect
        .poll(async () => await kubectl(first(machines), ['get', 'nodes']), { timeout: 60_000 })
        .toContain(node.name);
      await connectPods(machines, node);
      await expectReady(machines, [first(machines), node]);
    },
    { workers: 1 },
  );
});

/** Starts a program with a clock that differs by these hours. Times that are measured are right. */
function withClock(hours: number): readonly string[] {
  const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
  const offset = `${hours < 0 ? '' : '+'}${hours}h`;
  return ['env', `LD_PRELOAD=${library}`, `FAKETIME=${offset}`, 'FAKETIME_DONT_FAKE_MONOTONIC=1'];
}

test('a clock two hours behind ends a join at once, and one two hours ahead gives a warning', async () => {
  await withMachines(
    async (machines) => {
      const node = machines.workers[0];
      if (node === undefined) throw new RangeError('there is no worker');
      await writeJoinConfig(machines, node, { invitation: await initFirst(machines) });
      const behind = await joinWith('clock two hours behind', node, { under: withClock(-2) });
      expect(behind.result.code).toBe(1);
      expect(behind.result.stderr).toMatch(
        /clock of this machine shows \S+, and that of the server [\s\S]*timedatectl/,
      );
      expect(behind.seconds).toBeLessThan(20);
      expect((await node.exec(['ls', '/etc/kubernetes/kubelet.conf'])).code).not.toBe(0);
      const ahead = await joinWith('clock two hours ahead', node, { under: withClock(2) });
      expect(ahead.result.code, ahead.result.stderr).toBe(0);
      expect(ahead.result.stderr).toMatch(/clock of this machine is \S+ ahead of/);
      await connectPods(machines, node);
      await expectReady(machines, [first(machines), node]);
    },
    { workers: 1 },
  );
});

test('a worker joins through a proxy', async () => {
  await withMachines(
    async (machines) => {
      const { lab } = machines;
      const node = machines.workers[0];
      if (node === undefined) throw new RangeError('there is no worker');
      const proxy = lab.node('proxy');
      const invitation = await initFirst(machines);
      await startProxy(proxy);
      await writeJoinConfig(machines, node, { invitation });
      const variable = `HTTPS_PROXY=http://${proxy.addresses.ipv4}:${proxyPort}`;
      await node.mustExec(['env', variable, 'kubeadm', ...join.split(' ')], { timeoutMs: 120_000 });
      await connectPods(machines, node);
      await expectReady(machines, [first(machines), node]);
      expect(await proxy.readFile(proxyTargets)).toContain('lb:6443');
    },
    { workers: 1, more: [{ name: 'proxy', kind: 'host' }] },
  );
});
