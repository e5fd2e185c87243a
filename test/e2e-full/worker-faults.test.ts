/** Faults of a worker that only fail after kubelet-start: the first line of the error of join names the component and the cause. */
import { afterAll, expect, test } from 'vitest';
import type { LabNode } from '../../lab/index.ts';
import { sleep } from '../../lab/run.ts';
import { runDoctor } from '../support/doctor.ts';
import { eventFile, execKubeadm } from '../support/events.ts';
import { bindSwaps } from '../support/fault-scripts.ts';
import { argument, errorIn } from '../support/faulty-node.ts';
import { run } from '../support/interop.ts';
import { type Invitation, initFirst, type Machines, withMachines, writeJoinConfig } from '../support/many.ts';
import { configFile } from '../support/node.ts';

const limitSeconds = 20;

interface WorkerFault {
  readonly name: string;
  /** Fields of nodeRegistration. */
  readonly registration?: Readonly<Record<string, unknown>>;
  /** Other fields of the JoinConfiguration. */
  readonly join?: Readonly<Record<string, unknown>>;
  /** A shell script on the worker before the join. */
  readonly before?: string;
  /** A shell script on the worker as soon as it starts the kubelet. */
  readonly during?: string;
  /** A shell script on the worker after its reset. */
  readonly after?: string;
  /** Matches the first line of the error. */
  readonly cause: RegExp;
}

const workerFaults: readonly WorkerFault[] = [
  {
    name: 'the container runtime is stopped in the midst',
    during: 'systemctl stop containerd',
    after: 'systemctl start containerd',
    cause: /the container runtime containerd does not answer .*inactive/,
  },
  {
    name: 'the kubelet does not know a flag',
    registration: { kubeletExtraArgs: argument('nonsense', 'x') },
    cause: /the kubelet exits.*unknown flag: --nonsense/,
  },
  {
    name: 'the kubelet cannot read a threshold of a patch of its configuration',
    before:
      "mkdir -p /root/patches; printf 'evictionHard:\\n  memory.available: abc\\n' > /root/patches/kubeletconfiguration.yaml",
    join: { patches: { directory: '/root/patches' } },
    cause: /the kubelet exits.*quantities must match/,
  },
  {
    name: 'swap is on, and the kubelet refuses it',
    before: bindSwaps,
    after: 'umount /proc/swaps',
    cause: /the kubelet exits.*swap/,
  },
];

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly line: string;
}

const rows: Row[] = [];

async function shell(node: LabNode, script: string | undefined): Promise<void> {
  if (script !== undefined) await node.mustExec(['sh', '-ec', script], { timeoutMs: 60_000 });
}

/** Waits until the phase of the join that starts the kubelet has begun. */
async function kubeletStarts(node: LabNode): Promise<void> {
  const wait = `for i in $(seq 3000); do grep -q '"type":"phase-started","phase":"kubelet-start/start"' ${eventFile} 2>/dev/null && exit 0; sleep 0.02; done; exit 1`;
  await node.mustExec(['sh', '-c', wait], { timeoutMs: 90_000 });
}

/** Joins with a fault, and returns the first line of the error and the seconds since the kubelet was started. */
async function joinWith({ during, name }: WorkerFault, node: LabNode): Promise<Row> {
  let began = Number.NaN;
  const ending = execKubeadm(node, ['join', '--config', configFile], { timeoutMs: 300_000 });
  const fault = async (): Promise<void> => {
    await kubeletStarts(node);
    began = performance.now();
    await shell(node, during);
  };
  const [{ code, stderr, stdout }] = await Promise.all([ending, fault()]);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${name}: ${seconds.toFixed(1)} s\n${stdout}${stderr}`);
  expect.soft(code, name).toBe(1);
  return { name, seconds, line: errorIn(stderr).split('\n', 1)[0] ?? '' };
}

interface Join {
  readonly machines: Machines;
  readonly node: LabNode;
  readonly invitation: Invitation;
}

async function endsWithCause({ invitation, machines, node }: Join, fault: WorkerFault): Promise<void> {
  const { ignorePreflightErrors, imagePullPolicy } = machines.lab.adaptations;
  const nodeRegistration = { imagePullPolicy, ignorePreflightErrors, ...fault.registration };
  await writeJoinConfig(machines, node, { invitation, join: { nodeRegistration, ...fault.join } });
  await shell(node, fault.before);
  const row = await joinWith(fault, node);
  rows.push(row);
  expect.soft(row.line, fault.name).toMatch(fault.cause);
  expect.soft(row.seconds, fault.name).toBeLessThanOrEqual(limitSeconds);
  await shell(node, fault.after);
  await run(node, 'kubeadm', 'reset -f');
}

const removePause = 'ctr -n k8s.io images ls -q | grep /pause: | xargs ctr -n k8s.io images rm';

/** The join of a worker ends with the certificate of its kubelet, so it does not need the image. Doctor names it afterwards. */
async function doctorNamesSandboxImage({ invitation, machines, node }: Join): Promise<void> {
  await shell(node, removePause);
  await writeJoinConfig(machines, node, { invitation });
  await run(node, 'kubeadm', `join --config ${configFile}`);
  const started = performance.now();
  const deadline = started + 60_000;
  let [finding] = (await runDoctor(node)).report.problems;
  while (finding?.name !== 'sandbox-image-missing' && performance.now() < deadline) {
    await sleep(1000);
    [finding] = (await runDoctor(node)).report.problems;
  }
  const seconds = (performance.now() - started) / 1000;
  rows.push({ name: 'the sandbox image is missing (doctor)', seconds, line: finding?.summary ?? '' });
  expect.soft(finding?.summary).toMatch(/no Pod can start: .* sandbox image registry\.k8s\.io\/pause:/);
}

test('the join of a worker that cannot succeed ends with the cause, and doctor names the sandbox image', async () => {
  await withMachines(
    async (machines) => {
      const [node] = machines.workers;
      if (node === undefined) throw new RangeError('there is no worker');
      const invitation = await initFirst(machines);
      const join = { machines, node, invitation };
      for (const fault of workerFaults) await endsWithCause(join, fault);
      await doctorNamesSandboxImage(join);
    },
    { workers: 1 },
  );
});

afterAll(() => {
  const table = rows.map(({ line, name, seconds }) => [name, `${seconds.toFixed(1)} s`, line].join(' | '));
  console.log(`fault | seconds | first line\n${table.join('\n')}`);
});
