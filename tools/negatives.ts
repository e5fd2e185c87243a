/**
 * Runs init and reset again and again on one healthy node that is slowed down. It counts the runs that blame a fault which
 * the node does not have. `--runs N` is the number of runs of each kind and defaults to 10. `--kind`
 * runs only that kind.
 */
import { parseArgs } from 'node:util';

import type { LabNode } from '../lab/index.ts';
import { execKubeadm } from '../test/support/events.ts';
import { configFile, withNode, writeConfig } from '../test/support/node.ts';

/** Shell scripts that run in the node beside an init. A run gets the one with its number. */
const disturbances: Readonly<Record<string, readonly string[]>> = {
  undisturbed: ['true'],
  'both processors are busy': ['for i in 1 2 3 4; do (while :; do :; done) & done; wait'],
  'a component is killed once': [
    'etcd',
    'kube-apiserver',
    'kube-controller',
    'kube-scheduler',
    'kubelet',
  ].map((program) => `until pkill -KILL -o ${program}; do sleep 0.1; done`),
  'the disk is slow': [
    'for i in 1 2 3 4; do (while :; do dd if=/dev/zero of=/var/lib/containerd/load$i bs=256k count=40 oflag=dsync; done) & done; wait',
  ],
  'the runtime is restarted once': ['sleep 4; systemctl restart containerd'],
};

/** Checks that warn of faults of the machine. */
const faultChecks =
  /^(?:LowLevelRuntime|FileSystem|Certificates|KubeletArguments|ExtraArgs|Loopback|AdvertiseAddress|Port-2381|ResolvConf)$/;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, kind: { type: 'string' } },
});
const kinds = Object.keys(disturbances).filter((kind) => values.kind === undefined || kind === values.kind);
for (const kind of kinds) await repeat(kind, Number(values.runs));

async function repeat(kind: string, runs: number): Promise<void> {
  const problems: string[] = [];
  const seconds: number[] = [];
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    for (let run = 0; run < runs; run += 1) {
      const scripts = disturbances[kind] ?? [];
      const { problem, took } = await disturbedInit(node, scripts[run % scripts.length] ?? 'true');
      seconds.push(took);
      if (problem !== undefined) problems.push(`run ${run + 1}: ${problem}`);
      await node.mustExec(['kubeadm', 'reset', '-f'], { timeoutMs: 120_000 });
    }
  });
  const sorted = seconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  console.log(`${kind}: ${runs} runs, median ${median.toFixed(1)} s, ${problems.length} false causes`);
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

interface Outcome {
  /** Undefined if the run succeeded and warned of no fault. */
  readonly problem: string | undefined;
  readonly took: number;
}

async function disturbedInit(node: LabNode, script: string): Promise<Outcome> {
  await node.mustExec(['systemd-run', '--quiet', '--collect', '--unit=disturbance', 'sh', '-c', script]);
  const start = performance.now();
  const { code, events, stderr } = await execKubeadm(node, ['init', '--config', configFile], {
    timeoutMs: 300_000,
  });
  const took = (performance.now() - start) / 1000;
  await node.exec(['systemctl', 'stop', 'disturbance']);
  const warned = events.flatMap(({ event }) =>
    event.type === 'preflight-finding' && faultChecks.test(event.check) ? [event.message] : [],
  );
  const problem = code === 0 ? warned[0] : stderr.slice(stderr.indexOf('error execution phase'));
  return { problem, took };
}
