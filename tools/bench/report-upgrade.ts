/** The page about upgrades. */
import { type Circumstances, figureTable, pageHead } from './report.ts';
import type { Figure } from './series.ts';

/** The text of docs/benchmarks-upgrade.md. */
export function upgradePage(at: Circumstances, figures: readonly Figure[]): string {
  return `${pageHead('Benchmarks of upgrade', at, 'tools/bench.ts --upgrades')}
${figureTable(figures)}

- The upgrades are those of a cluster of two control planes and a worker, from the earlier minor to this release, in at most
  three pairs. The images are present.
- Most of the time of both is that of the kubelet. It gives an API server 30 s to end, and looks every 10 s to 15 s whether the
  new Pod of a component may start.
- Ours ends the earlier API server when its requests in flight are complete, and replaces kube-controller-manager and
  kube-scheduler at the same time.
`;
}
