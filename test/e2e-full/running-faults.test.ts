/** Faults of a control plane that runs. Doctor names each one first, and finds nothing after it was mended. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import { createLab, installPodNetwork, type Lab, type LabNode } from '../../lab/index.ts';
import { sleep } from '../../lab/run.ts';
import { type DoctorRun, runDoctor } from '../support/doctor.ts';
import { etcdFileSystem } from '../support/fault-scripts.ts';
import { prepare } from '../support/faulty-node.ts';
import { configFile, fileList, kubeadm, nodeName, runKubeadm } from '../support/node.ts';
import { type RunningFault, runningFaults } from '../support/running-faults.ts';

const mendMs = 180_000;

interface Row {
  readonly name: string;
  /** From the fault to the first report that names it. */
  readonly named: number;
  /** The run of doctor itself. */
  readonly doctor: number;
  /** From the end of the mending script to the first report without a finding. */
  readonly healthy: number;
  readonly finding: string;
}

const rows: Row[] = [];
let lab: Lab | undefined;
/** Whether a test has left the node with a fault. */
let isFaulty = false;

/** A healthy control plane with a Pod network. It is made again after a fault that could not be mended. */
async function healthyNode(): Promise<LabNode> {
  if (lab !== undefined && !isFaulty) return lab.node(nodeName);
  await lab?.delete();
  const made = await createLab({
    components: await ensureComponents(),
    nodes: [{ name: nodeName, kubeadm }],
  });
  lab = made;
  isFaulty = false;
  const node = made.node(nodeName);
  await prepare(made, node, { prepare: etcdFileSystem });
  await runKubeadm(node, ['init', '--config', configFile]);
  await installPodNetwork(made);
  await waitForCluster(node, { pods: expectedPods(nodeName) });
  await until(node, mendMs, ({ report }) => report.healthy);
  return node;
}

interface Reached {
  readonly run: DoctorRun;
  readonly seconds: number;
}

/** Runs doctor until its report is as wanted, or the time is over. Returns the last run. */
async function until(
  node: LabNode,
  limitMs: number,
  isReached: (run: DoctorRun) => boolean,
): Promise<Reached> {
  const started = performance.now();
  for (;;) {
    const run = await runDoctor(node);
    const ms = performance.now() - started;
    const [first] = run.report.problems;
    console.log(
      `${(ms / 1000).toFixed(1)} s: ${first === undefined ? 'healthy' : `[${first.name}] ${first.summary}`}`,
    );
    if (isReached(run) || ms > limitMs) return { run, seconds: ms / 1000 };
    await sleep(1000);
  }
}

async function findsFault(fault: RunningFault): Promise<void> {
  const { cause, component, name, rule, withinSeconds = 60 } = fault;
  const node = await healthyNode();
  isFaulty = true;
  await node.mustExec(['sh', '-ec', fault.break], { timeoutMs: 120_000 });
  const found = await until(
    node,
    withinSeconds * 1000,
    ({ report: { problems } }) => problems[0]?.name === rule,
  );
  console.log(found.run.stdout);
  await node.mustExec(['sh', '-ec', fault.mend], { timeoutMs: 120_000 });
  const mended = await until(node, mendMs, ({ report }) => report.healthy);
  isFaulty = !mended.run.report.healthy;
  const [first] = found.run.report.problems;
  rows.push({
    name,
    named: found.seconds,
    doctor: found.run.seconds,
    healthy: mended.seconds,
    finding: first === undefined ? '' : `${first.summary} [${first.name}]`,
  });
  expect(found.run.code).toBe(1);
  expect(first).toMatchObject({ name: rule, component, summary: expect.stringMatching(cause) });
  expect(found.seconds).toBeLessThanOrEqual(withinSeconds);
  expect({ code: mended.run.code, problems: mended.run.report.problems }).toEqual({ code: 0, problems: [] });
}

const folders = [
  '/etc',
  '/var/lib/kubeadm',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/kubeadm-flags.env',
  '/root',
  '/var/log/kubeadm-evidence.txt',
];

describe('doctor on a control plane that runs', () => {
  beforeAll(async () => {
    await healthyNode();
  });

  test('doctor finds nothing on the healthy node, and changes nothing', async () => {
    const node = await healthyNode();
    const before = await fileList(node, folders);
    const { code, report } = await runDoctor(node);
    expect({ code, role: report.role, problems: report.problems }).toEqual({
      code: 0,
      role: 'control-plane',
      problems: [],
    });
    expect(await fileList(node, folders)).toBe(before);
  });

  test.each(runningFaults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    await findsFault(fault);
  });

  afterAll(async () => {
    const table = rows.map(({ doctor, finding, healthy, name, named }) =>
      [name, ...[named, doctor, healthy].map((seconds) => `${seconds.toFixed(1)} s`), finding].join(' | '),
    );
    console.log(`fault | named after | run of doctor | healthy after | first finding\n${table.join('\n')}`);
    await lab?.delete();
  });
});
