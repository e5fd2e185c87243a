/**
 * Runs init, or the join of a worker, and reset again and again on one healthy node that is slowed down. It counts the runs
 * that blame a fault which the node does not have. `--runs N` is the number of runs of each kind and defaults to 10. `--kind`
 * runs only that kind, and `--command init` or `--command join` only that command.
 */
import { parseArgs } from 'node:util';

import { kubectl } from '../lab/cluster.ts';
import type { LabNode } from '../lab/index.ts';
import { execKubeadm } from '../test/support/events.ts';
import { first, initFirst, withMachines, writeJoinConfig } from '../test/support/many.ts';
import { configFile, withNode, writeConfig } from '../test/support/node.ts';

/** Shell scripts that run in the node beside a command. A run gets the one with its number. */
const disturbances: Readonly<Record<string, readonly string[]>> = {
  undisturbed: ['true'],
  'both processors are busy': ['for i in 1 2 3 4; do (while :; do :; done) & done; wait'],
  // The init process starts the kubelet of the unit, and kubeadm starts another one to ask for its version.
  'a component is killed once': [
    'etcd',
    'kube-apiserver',
    'kube-controller',
    'kube-scheduler',
    '--parent 1 kubelet',
  ].map((program) => `until pkill -KILL -o ${program}; do sleep 0.1; done`),
  'the disk is slow': [
    'for i in 1 2 3 4; do (while :; do dd if=/dev/zero of=/var/lib/containerd/load$i bs=256k count=40 oflag=dsync; done) & done; wait',
  ],
  'the runtime is restarted once': ['sleep 4; systemctl restart containerd'],
};

/** The scripts that the join of a worker can meet, on the worker. */
const ofWorker = [
  'undisturbed',
  'both processors are busy',
  'the disk is slow',
  'the runtime is restarted once',
];

/** Checks that warn of faults of the machine. */
const faultChecks =
  /^(?:LowLevelRuntime|FileSystem|Certificates|ManifestDuplicate|NodeIP|ServiceAccountKeys|KubeletArguments|ExtraArgs|Loopback|AdvertiseAddress|Port-2381|ResolvConf)$/;

/** A command that runs again and again. */
interface Subject {
  readonly node: LabNode;
  readonly args: readonly string[];
  readonly back: () => Promise<unknown>;
}

interface Command {
  readonly kinds: readonly string[];
  readonly withSubject: (use: (subject: Subject) => Promise<void>) => Promise<void>;
}

const commands: Readonly<Record<string, Command>> = {
  init: {
    kinds: Object.keys(disturbances),
    withSubject: async (use) =>
      await withNode(async (lab, node) => {
        await writeConfig(lab, node);
        await use({ node, args: ['init', '--config', configFile], back: async () => await reset(node) });
      }),
  },
  join: {
    kinds: ofWorker,
    withSubject: async (use) =>
      await withMachines(
        async (machines) => {
          const [node] = machines.workers;
          if (node === undefined) throw new RangeError('there is no worker');
          await writeJoinConfig(machines, node, { invitation: await initFirst(machines) });
          const back = async (): Promise<void> => {
            await reset(node);
            await kubectl(first(machines), ['delete', 'node', node.name, '--ignore-not-found']);
          };
          await use({ node, args: ['join', '--config', configFile], back });
        },
        { workers: 1 },
      ),
  },
};

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    kind: { type: 'string' },
    command: { type: 'string' },
  },
});
for (const [name, command] of Object.entries(commands)) {
  if (values.command !== undefined && values.command !== name) continue;
  for (const kind of command.kinds.filter((one) => values.kind === undefined || values.kind === one)) {
    await repeat(name, kind, command);
  }
}

async function repeat(name: string, kind: string, { withSubject }: Command): Promise<void> {
  const runs = Number(values.runs);
  const problems: string[] = [];
  const seconds: number[] = [];
  await withSubject(async (subject) => {
    for (let run = 0; run < runs; run += 1) {
      const scripts = disturbances[kind] ?? [];
      const { problem, took } = await disturbed(subject, scripts[run % scripts.length] ?? 'true');
      seconds.push(took);
      if (problem !== undefined) problems.push(`run ${run + 1}: ${problem}`);
      await subject.back();
    }
  });
  const sorted = seconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  console.log(
    `${name}, ${kind}: ${runs} runs, median ${median.toFixed(1)} s, ${problems.length} false causes`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

async function reset(node: LabNode): Promise<void> {
  await node.mustExec(['kubeadm', 'reset', '-f'], { timeoutMs: 120_000 });
}

interface Outcome {
  /** Undefined if the run succeeded and warned of no fault. */
  readonly problem: string | undefined;
  readonly took: number;
}

async function disturbed({ args, node }: Subject, script: string): Promise<Outcome> {
  await node.mustExec(['systemd-run', '--quiet', '--collect', '--unit=disturbance', 'sh', '-c', script]);
  const start = performance.now();
  const { code, events, stderr } = await execKubeadm(node, args, { timeoutMs: 300_000 });
  const took = (performance.now() - start) / 1000;
  await node.exec(['systemctl', 'stop', 'disturbance']);
  const warned = events.flatMap(({ event }) =>
    event.type === 'preflight-finding' && faultChecks.test(event.check) ? [event.message] : [],
  );
  const problem = code === 0 ? warned[0] : stderr.slice(stderr.indexOf('error execution phase'));
  return { problem, took };
}
