/** A SIGKILL at a chosen instant of an upgrade of a node and of the change back, while a client writes to the API. */
import { ensureComponents } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import { LabError, type LabNode } from '../../lab/index.ts';
import { type WriteReport, withApiWriter } from './api-writer.ts';
import { cutOff, type Subject } from './cut-off.ts';
import { execKubeadm } from './events.ts';
import { type CommandCourse, instantsIn } from './instants.ts';
import { first, initFirst, joinAll, type Machines } from './many.ts';
import { fileList, runKubeadm } from './node.ts';
import { earlierComponents, ignored, withEarlierMachines } from './upgrade.ts';

const flags = ignored.split(' ');
const recordFile = '/var/lib/kubeadm/unfinished-run.json';

interface Direction {
  readonly version: string;
  readonly command: readonly string[];
  /** Prepares the cluster for the command. */
  readonly prepare: () => Promise<void>;
}

interface Trial {
  readonly node: LabNode;
  readonly admin: LabNode;
  readonly up: Direction;
  readonly down: Direction;
}

/** The command under test. */
type UpgradeCommand = 'apply' | 'node';

/**
 * Makes a cluster of the earlier release, passes its node with a running client to `use`, and expects that no acknowledged
 * write is lost. In a round, the `reset` of its instants is the change back to the earlier release.
 */
export async function withUpgradeSubject(
  command: UpgradeCommand,
  use: (subject: Subject) => Promise<void>,
): Promise<void> {
  await withEarlierMachines(
    async (machines) => {
      const trial = await prepareTrial(machines, command);
      const { admin } = trial;
      const endpoint = `${machines.balancer.addresses.ipv4}:6443`;
      await withApiWriter(machines.balancer, { admin, endpoint }, async (writer) => {
        await use(await subjectOf(trial));
        expectNoLoss(await writer.stop(admin));
      });
    },
    { controlPlanes: command === 'apply' ? 1 : 2 },
  );
}

function expectNoLoss({ acknowledged, longestGapMs, lost }: WriteReport): void {
  process.stderr.write(
    `upgrade: ${acknowledged} writes, ${lost.length} lost, longest gap ${longestGapMs} ms\n`,
  );
  if (lost.length > 0) throw new LabError(`these writes are lost: ${lost.join(', ')}`);
}

async function prepareTrial(machines: Machines, command: UpgradeCommand): Promise<Trial> {
  const [admin, node] = [first(machines), machines.controlPlanes.at(-1) ?? first(machines)];
  const { kubernetes: from } = await earlierComponents();
  const { kubernetes: to } = await ensureComponents();
  const invitation = await initFirst(machines);
  await joinAll(machines, { invitation });
  await kubectl(admin, ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s'], {
    timeoutMs: 130_000,
  });
  const apply = (version: string): readonly string[] => ['upgrade', 'apply', version, '-y', ...flags];
  const nothing = async (): Promise<void> => undefined;
  if (command === 'apply') {
    return {
      node,
      admin,
      up: { version: to, command: apply(to), prepare: nothing },
      down: { version: from, command: [...apply(from), '--force'], prepare: nothing },
    };
  }
  await runKubeadm(admin, apply(to));
  const direction = (version: string): Direction => ({
    version,
    command: ['upgrade', 'node', ...flags],
    prepare: async () => await configureVersion(admin, version),
  });
  return { node, admin, up: direction(to), down: direction(from) };
}

/** `upgrade node` takes the version from the configuration in the cluster. */
async function configureVersion(admin: LabNode, version: string): Promise<void> {
  const path = 'jsonpath={.data.ClusterConfiguration}';
  const where = ['-n', 'kube-system'];
  const text = await kubectl(admin, [...where, 'get', 'configmap', 'kubeadm-config', '-o', path]);
  const ClusterConfiguration = text.replace(/^kubernetesVersion: .*$/m, `kubernetesVersion: ${version}`);
  const patch = JSON.stringify({ data: { ClusterConfiguration } });
  await kubectl(admin, [...where, 'patch', 'configmap', 'kubeadm-config', '-p', patch]);
}

async function subjectOf(trial: Trial): Promise<Subject> {
  const { node } = trial;
  const before = await manifests(node);
  const run = await runToEnd(trial, trial.up);
  const after = await manifests(node);
  const reset = await runToEnd(trial, trial.down);
  expectSame(trial.down, await manifests(node), before);
  return {
    course: { run, reset },
    killAndRunAgain: async (round) => {
      const ends = { up: after, down: before };
      const kills = [];
      for (const [name, instant] of [
        ['up', round.run],
        ['down', round.reset],
      ] as const) {
        const direction = trial[name];
        await direction.prepare();
        const kill = await cutOff(node, direction.command, instant);
        if (kill.killed) await runKubeadm(node, direction.command);
        expectSame(direction, await manifests(node), ends[name]);
        await expectHealthy(trial, direction);
        kills.push(kill);
      }
      const [up, down] = kills;
      if (up === undefined || down === undefined) throw new RangeError('a round has two commands');
      return { run: up, reset: down };
    },
  };
}

async function runToEnd(trial: Trial, direction: Direction): Promise<CommandCourse> {
  await direction.prepare();
  const started = performance.now();
  const { code, events, stderr, stdout } = await execKubeadm(trial.node, direction.command, {
    timeoutMs: 300_000,
  });
  const milliseconds = performance.now() - started;
  if (code !== 0) throw new LabError(`${direction.command.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  await expectHealthy(trial, direction);
  return { milliseconds, instants: instantsIn(events) };
}

/** The hashes of the manifests, one per line. Temporary files count. */
async function manifests(node: LabNode): Promise<string> {
  return await fileList(node, ['/etc/kubernetes/manifests', '/var/lib/kubeadm']);
}

function expectSame({ command }: Direction, found: string, wanted: string): void {
  if (found !== wanted) throw new LabError(`${command.join(' ')} ends with\n${found}instead of\n${wanted}`);
}

/** @throws LabError if a component of the node is not Ready with the version, or the record is left */
async function expectHealthy({ admin, node }: Trial, { version }: Direction): Promise<void> {
  if ((await node.exec(['test', '-e', recordFile])).code === 0) throw new LabError(`${recordFile} is left`);
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const pods = names.map((name) => `pod/${name}-${node.name}`);
  await kubectl(admin, ['-n', 'kube-system', 'wait', '--for=condition=Ready', ...pods, '--timeout=120s'], {
    timeoutMs: 130_000,
  });
  const path = 'jsonpath={.items[*].spec.containers[0].image}';
  const images = await kubectl(admin, ['-n', 'kube-system', 'get', ...pods, '-o', path]);
  const wanted = names.map((name) => `registry.k8s.io/${name}:${version}`).join(' ');
  if (images.trim() !== wanted) throw new LabError(`${node.name} runs ${images} instead of ${wanted}`);
}
