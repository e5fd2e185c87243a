/** The page about `init`, `reset` and short commands. */
import { initStretches, type PhaseRuns } from './phases.ts';
import { type Circumstances, figureTable, pageHead, phaseTable } from './report.ts';
import { type Figure, type Side, wholeInit } from './series.ts';
import { formatSeconds, summarize } from './statistics.ts';

export interface InitResults {
  readonly figures: readonly Figure[];
  readonly phases: PhaseRuns;
  /** The seconds of each bare wait: all files exist, and the run only waits for the machine. */
  readonly bareWaits: readonly number[];
}

/** The bare wait, and the ratio of both whole `init`s to it. */
export function bareWaitText({ bareWaits, figures }: Pick<InitResults, 'bareWaits' | 'figures'>): string {
  const wait = summarize(bareWaits);
  const whole = figures.find(({ name }) => name === wholeInit);
  const ratio = (side: Side): string =>
    (summarize(whole?.series[side] ?? []).median / wait.median).toFixed(2);
  return (
    `${formatSeconds(wait.median)} (${formatSeconds(wait.min)} to ${formatSeconds(wait.max)}, ${bareWaits.length} runs). ` +
    `Our whole \`init\` takes ${ratio('ours')} times that, upstream's ${ratio('upstream')} times.`
  );
}

/** The text of docs/benchmarks.md. */
export function initPage(at: Circumstances, { bareWaits, figures, phases }: InitResults): string {
  return `${pageHead('Benchmarks', at, 'make bench')}
${figureTable(figures)}

- Ours and upstream's run in turns, and the one that goes first changes from pair to pair. Each \`init\` has a fresh node
  of the [lab](../lab/README.md) that has all images, so nothing is pulled.
- Times are taken inside of the node, from the start of the process to its end. "To all Pods Ready" is taken outside, with
  a look every quarter of a second.
- With a Pod network from the start, the Node is Ready early. "Addons" are CoreDNS and kube-proxy. What is left to "all
  Pods Ready" is the startup probes of the static Pods, which upstream's manifests have, too. The kubelet sends the first
  probe at a random moment of a period of 10 s, and does not count a probe in the first 10 s of a container. So each of
  these Pods becomes Ready 10 s to 20 s after the start of its container, and no order of phases makes that shorter.
- The files of both programs are in the page cache. So a start is that of a process and does not depend on the disk.
- Processor time includes the programs that kubeadm runs and waits for. Peak memory is that of kubeadm only (VmHWM, read
  every 5 ms).

## The bare wait

This figure is the time that no kubeadm can save. All files are made beforehand. Then the kubelet is started, and the run waits
until the API server, the other components and the Node are ready. It takes ${bareWaitText({ bareWaits, figures })}

## Where the time of \`init\` goes

![When each phase of both ran](timeline.svg)

The picture shows the middle run of each side. The table has medians of ${phases.ours.length} further pairs, in seconds since the
start of the process. Our phases begin and end with their events. Upstream's (with \`-v 1\`) begin at the first line that each phase
writes.

${phaseTable('init', initStretches, phases)}

- Ours makes all keys in parallel and in memory, from its first moment on, and \`certs\` and \`kubeconfig\` take them. Upstream's
  makes each key when it needs it, one after the other. A key takes longer in the runtime's library than in Go's. On two
  processors, keys are the larger part of the time before \`wait-control-plane\`.
- \`kubelet-start\` waits for the first CA and the kubelet's own credentials only, so the kubelet starts while keys are made
  ([ADR 0011](adr/0011-the-kubelet-starts-early.md)). Upstream's makes systemd read all units again before each start. Ours does
  so only if the files of the unit have changed.
- In \`wait-control-plane\`, the kubelet, etcd and the API server start. kubeadm cannot make them faster. It can begin sooner, use
  little of the machine and notice sooner that they are ready. Phases that only need an API server (the uploads, tokens, addons)
  run meanwhile.
- \`kubelet-finalize\` restarts the kubelet, as upstream's does. Only the addons can run beside it.

## Repeat it

\`\`\`
make bench                          # nine pairs
node_modules/.bin/node tools/bench.ts --pairs 3
\`\`\`

It needs the same as \`make up\`, and builds upstream's kubeadm once. \`make bench\` also writes the pages about
[joins](benchmarks-join.md) and about [many workers at once](benchmarks-scale.md).
`;
}
