/**
 * Many workers that join at once. A machine cannot run fifty kubelets, so a stand-in only gets the kubelet's client
 * certificate (kubelet-stand-in.sh). The API server and the rest of the control plane are real. The workers share one bare
 * host, and each has its own host name, processes and folders there.
 */
import path from 'node:path';

import { ensureComponents } from '../../components/index.ts';
import type { LabNode } from '../../lab/index.ts';
import { LabError } from '../../lab/index.ts';
import { upstream } from '../../test/support/interop.ts';
import { first, initFirst, type Machines, withMachines, writeJoinConfig } from '../../test/support/many.ts';
import { configFile, kubeadm } from '../../test/support/node.ts';
import { type AuditedRequest, auditedRequests, auditFields, writeAuditPolicy } from './audit.ts';
import { type Bench, type Figure, figure, inTurns, type Side } from './series.ts';
import { summarize } from './statistics.ts';

const counts = [1, 10, 50] as const;
const crowd = 'crowd';

/** The joins of some workers at once. */
interface Rush {
  /** Until the last worker has joined. */
  readonly seconds: number;
  /** Of one join, half of them being shorter. */
  readonly median: number;
  /** The processor seconds of one join with the programs that it ran. */
  readonly cpuSeconds: number;
  readonly requestsPerJoin: number;
  /** The most requests in one second. */
  readonly busiestSecond: number;
  /** The requests that the API server refused because of their number. */
  readonly refused: number;
}

/** Starts all workers, and prints the start and the end of each in milliseconds, its exit code, and its processor time. */
const rushScript = `
count=$1; shift
for i in $(seq "$count"); do
  unshare --mount --uts --pid --fork --mount-proc sh -c '
    hostname "$1"; shift
    for folder in /etc/kubernetes /var/lib/kubelet /var/lib/kubeadm /run /tmp; do
      mkdir -p "$folder"; mount -t tmpfs -o size=16m tmpfs "$folder"
    done
    from=$(date +%s%3N); code=0
    "$@" > /tmp/join.log 2>&1 || code=$?
    to=$(date +%s%3N)
    # The second line of times is that of the child processes that have ended.
    times > /tmp/times
    cpu=$(sed -n "2s/[ms]/ /gp" /tmp/times)
    echo "$from $to $code $cpu"
    [ "$code" = 0 ] || tail -n 20 /tmp/join.log /tmp/kubelet.log >&2' worker "worker-$count-$i" "$@" &
done
wait`;

/** Measures 1, 10 and 50 workers that join one control plane at once. */
export async function scaleRuns(bench: Bench): Promise<readonly Figure[]> {
  const runs = await inTurns(bench, 'workers at once', (side) =>
    withMachines(
      async (machines) => {
        await prepare(machines);
        const rushes: Rush[] = [];
        for (const count of counts) {
          const rush = await joinAtOnce(machines, side, count);
          bench.report(`${side}, ${count} at once: ${JSON.stringify(rush)}`);
          rushes.push(rush);
        }
        return rushes;
      },
      { more: [{ name: crowd, kind: 'host', kubeadm }] },
    ),
  );
  return counts.flatMap((count, index) => {
    const name = count === 1 ? '1 worker' : `${count} workers at once`;
    const of = (pick: (rush: Rush) => number) => (rushes: readonly Rush[]) => pick(rushes[index] ?? none);
    return [
      figure(
        `\`join\` of ${name}, all`,
        's',
        runs,
        of(({ seconds }) => seconds),
      ),
      figure(
        `\`join\` of ${name}, median`,
        's',
        runs,
        of(({ median }) => median),
      ),
      figure(
        `\`join\` of ${name}: processor time of each`,
        's',
        runs,
        of(({ cpuSeconds }) => cpuSeconds),
      ),
      figure(
        `\`join\` of ${name}: requests of each`,
        '',
        runs,
        of(({ requestsPerJoin }) => requestsPerJoin),
      ),
      figure(
        `\`join\` of ${name}: requests in the busiest second`,
        '',
        runs,
        of((rush) => rush.busiestSecond),
      ),
      figure(
        `\`join\` of ${name}: refused requests`,
        '',
        runs,
        of(({ refused }) => refused),
      ),
    ];
  });
}

const none: Rush = {
  seconds: Number.NaN,
  cpuSeconds: Number.NaN,
  median: Number.NaN,
  requestsPerJoin: Number.NaN,
  busiestSecond: Number.NaN,
  refused: Number.NaN,
};

async function prepare(machines: Machines): Promise<void> {
  const host = machines.lab.node(crowd);
  await writeAuditPolicy(first(machines));
  // The stand-in does not answer on the port of the kubelet.
  const invitation = await initFirst(machines, { fields: { ...auditFields, kubelet: { healthzPort: 0 } } });
  const { programs } = await ensureComponents({ set: 'compare' });
  await host.copyIn(programs.kubeadm, `/usr/local/bin/${upstream}`);
  await host.copyIn(path.join(import.meta.dirname, 'kubelet-stand-in.sh'), '/usr/local/bin/systemctl');
  const ignored = { ignorePreflightErrors: ['all'] };
  await writeJoinConfig(machines, host, { invitation, join: { nodeRegistration: ignored } });
}

/** @throws LabError if a join fails */
async function joinAtOnce(machines: Machines, side: Side, count: number): Promise<Rush> {
  const program = side === 'ours' ? 'kubeadm' : upstream;
  const { stderr, stdout } = await machines.lab
    .node(crowd)
    .exec(['sh', '-c', rushScript, 'rush', String(count), program, 'join', '--config', configFile], {
      timeoutMs: 600_000,
    });
  const joins = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (joins.length !== count || joins.some(([, , code]) => code !== 0))
    throw new LabError(`${joins.length} of ${count} joins ended:\n${stdout}\n${stderr.slice(0, 5000)}`);
  const from = Math.min(...joins.map(([start = 0]) => start));
  const to = Math.max(...joins.map(([, end = 0]) => end));
  const requests = await requestsBetween(first(machines), from, to);
  return {
    seconds: (to - from) / 1000,
    median: summarize(joins.map(([start = 0, end = 0]) => (end - start) / 1000)).median,
    cpuSeconds: summarize(joins.map(cpuSecondsOf)).median,
    requestsPerJoin: requests.length / count,
    busiestSecond: busiest(requests),
    refused: requests.filter(({ status }) => status === 429).length,
  };
}

/** The minutes and seconds of user and system follow the exit code. */
function cpuSecondsOf([
  ,
  ,
  ,
  userMinutes = 0,
  user = 0,
  systemMinutes = 0,
  system = 0,
]: readonly number[]): number {
  return 60 * (userMinutes + systemMinutes) + user + system;
}

async function requestsBetween(node: LabNode, from: number, to: number): Promise<readonly AuditedRequest[]> {
  return (await auditedRequests(node)).filter(({ at }) => at >= from && at <= to);
}

function busiest(requests: readonly AuditedRequest[]): number {
  return Math.max(
    0,
    ...requests.map(({ at }) => requests.filter((other) => other.at >= at && other.at < at + 1000).length),
  );
}
