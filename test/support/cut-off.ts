/**
 * A signal from outside at a chosen instant of a run of kubeadm on a real node, then the same command again. The
 * executable takes no part in that: its events or the clock are watched.
 */
import { expectedPods } from '../../lab/cluster.ts';
import type { Lab, LabNode } from '../../lab/index.ts';
import { LabError } from '../../lab/index.ts';
import { messageOf } from '../../src/errors.ts';
import { isTemporaryName } from '../../src/lib/temporary-name.ts';
import { eventFile, execKubeadm, type Run } from './events.ts';
import { describeInstant, type Instant, type PhaseInstant, type Round } from './instants.ts';
import { configFile, expectWorkingCluster, fileList, nodeName, runKubeadm, writeConfig } from './node.ts';

/** What an undisturbed run takes and leaves; all others are compared with it. */
export interface Undisturbed {
  readonly initMs: number;
  readonly resetMs: number;
  /** Of kubeadm alone, a line each: what the kubelet and etcd write differs from run to run. */
  readonly initialized: readonly string[];
  /** All that is left, a line each. */
  readonly reset: readonly string[];
}

export const init = ['init', '--config', configFile, '--upload-certs'];
export const reset = ['reset', '-f'];

const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd', '/var/lib/kubeadm'];

/**
 * Runs the command and sends it the signal at the first event that matches, or when the time is over; the exit code is
 * as a shell gives it. The process is a child of this one in the node: no other can be hit.
 */
const signaller = `
use strict; use POSIX ":sys_wait_h"; use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);
my ($signal, $file, $pattern, $after, @command) = @ARGV;
my $start = clock_gettime(CLOCK_MONOTONIC);
my $pid = fork() // die "fork: $!";
if (!$pid) { exec { $command[0] } @command or exit 127 }
my ($events, $text, $sent) = (undef, '', 0);
sub is_due {
  return clock_gettime(CLOCK_MONOTONIC) >= $start + $after / 1000 if $pattern eq '';
  if (!defined $events) { open(my $opened, '<', $file) or return 0; $events = $opened }
  return sysread($events, $text, 65536, length $text) && $text =~ /$pattern/;
}
until (waitpid($pid, WNOHANG)) {
  if (!$sent && is_due()) { kill $signal, $pid; $sent = 1 }
  sleep 0.001;
}
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
`;

/**
 * Runs kubeadm and sends it the signal at the instant, unless it has ended before.
 *
 * @throws LabError when the run ended well and never had that instant
 */
export async function signalAt(
  node: LabNode,
  args: readonly string[],
  { instant, signal }: { readonly instant: Instant; readonly signal: 'KILL' | 'TERM' },
): Promise<Run> {
  const [pattern, after] =
    'phase' in instant
      ? [`"event":\\{"type":"${eventAt(instant)}","phase":"${instant.phase}"`, 0]
      : ['', instant.milliseconds];
  const run = await execKubeadm(node, args, {
    timeoutMs: 300_000,
    under: ['perl', '-e', signaller, signal, eventFile, pattern, String(after)],
  });
  const hadInstant =
    !('phase' in instant) ||
    run.events.some(({ event }) => event.type === eventAt(instant) && event.phase === instant.phase);
  if (run.code === 0 && !hadInstant)
    throw new LabError(`kubeadm ${args[0]} never was ${describeInstant(instant)}`);
  return run;
}

function eventAt({ moment }: PhaseInstant): 'phase-started' | 'phase-finished' {
  return moment === 'start' ? 'phase-started' : 'phase-finished';
}

export interface CutRun {
  /** Whether the kill came before the end. */
  readonly killed: boolean;
  readonly output: string;
}

/** @throws LabError when the run fails before it is killed, and when it ended and never had that instant */
export async function cutOff(node: LabNode, args: readonly string[], instant: Instant): Promise<CutRun> {
  const { code, stderr, stdout } = await signalAt(node, args, { instant, signal: 'KILL' });
  const output = stdout + stderr;
  if (code !== 0 && code !== 137)
    throw new LabError(`kubeadm ${args[0]} failed by itself:\n${output.slice(-3000)}`);
  return { killed: code === 137, output };
}

/**
 * A whole init and reset that nobody disturbs, on a fresh node.
 *
 * @throws LabError when that reset leaves more than folders
 */
export async function runUndisturbed(lab: Lab, node: LabNode): Promise<Undisturbed> {
  await writeConfig(lab, node);
  const before = await entries(node);
  const initMs = await timed(() => runKubeadm(node, init));
  const initialized = (await entries(node)).filter(isOfKubeadm);
  const resetMs = await timed(() => runKubeadm(node, reset));
  const after = await entries(node);
  // As upstream's, it leaves the folders that it empties.
  const left = after.filter((line) => !line.endsWith(' d') && !before.includes(line));
  if (left.length > 0) throw new LabError(`an undisturbed reset leaves:\n${left.join('\n')}`);
  return { initMs, resetMs, initialized, reset: after };
}

export interface Kills {
  readonly init: CutRun;
  readonly reset: CutRun;
}

/** The node that is tried, and what runs on it are compared with. */
export interface Subject {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly undisturbed: Undisturbed;
}

/**
 * On a node as `init` found it: cuts `init` off, runs it again, expects the cluster of an undisturbed run and
 * upstream's suite green; then the same with `reset`. Leaves the node as it was.
 *
 * @throws LabError with what is not as it should be
 */
export async function killAndRunAgain({ lab, node, undisturbed }: Subject, round: Round): Promise<Kills> {
  const initCut = await cutOff(node, init, round.init);
  const ended = !initCut.killed || (await hasEnded(node));
  if (!ended) await runKubeadm(node, init);
  else if (initCut.killed) await expectRefusal(node);
  await expectCluster(lab, node, undisturbed);
  const resetCut = await cutOff(node, reset, round.reset);
  const output = resetCut.killed ? await runKubeadm(node, reset) : resetCut.output;
  expectSame('files after reset', await entries(node), undisturbed.reset);
  await expectNoContainers(node).catch((error: unknown) => {
    throw new LabError(`${messageOf(error)}\nof reset:\n${output}`);
  });
  return { init: initCut, reset: resetCut };
}

/** containerd takes back by itself, in a moment, what it was making for a kubelet that was stopped. */
async function expectNoContainers(node: LabNode): Promise<void> {
  const check =
    'for i in $(seq 50); do ctr -n k8s.io tasks list -q | grep -q . || exit 0; sleep 0.2; done; exit 1';
  if ((await node.exec(['sh', '-c', check])).code === 0) return;
  // What it takes to tell why: whose they are, and what containerd did with them.
  const story = `ctr -n k8s.io tasks list
for id in $(ctr -n k8s.io tasks list -q); do
  ctr -n k8s.io containers info "$id" | grep -E '"(io.kubernetes|io.cri-containerd)[^"]*": "[^{]*$'
  journalctl -u containerd --no-pager -o short-precise | grep "$id" | tail -n 40
done`;
  throw new LabError(`containers run 10 s after reset:\n${(await node.exec(['sh', '-c', story])).stdout}`);
}

/** The process was killed when its run was over: the record is gone, and what it spoke of is there. */
async function hasEnded(node: LabNode): Promise<boolean> {
  const check =
    '! [ -e /var/lib/kubeadm/unfinished-run.json ] && [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ]';
  const { code } = await node.exec(['sh', '-c', check]);
  // The folder of the record is all that may be left; it must be empty.
  if (code === 0) await node.mustExec(['sh', '-c', '! [ -d /var/lib/kubeadm ] || rmdir /var/lib/kubeadm']);
  return code === 0;
}

/** As upstream's, a node that a finished `init` made is refused. */
async function expectRefusal(node: LabNode): Promise<void> {
  const { code, stderr } = await execKubeadm(node, init, { timeoutMs: 300_000 });
  const isRefused =
    code === 1 && stderr.includes('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
  if (!isRefused) throw new LabError(`a finished node was not refused: exit code ${code}\n${stderr}`);
}

async function expectCluster(lab: Lab, node: LabNode, undisturbed: Undisturbed): Promise<void> {
  expectSame('files after init', (await entries(node)).filter(isOfKubeadm), undisturbed.initialized);
  const admin = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
  const secrets = JSON.parse(
    await node.mustExec([...admin, '-n', 'kube-system', 'get', 'secrets', '-o', 'json']),
  ) as {
    readonly items: readonly { readonly type: string; readonly data?: Readonly<Record<string, string>> }[];
  };
  const tokens = secrets.items.filter(({ type }) => type === 'bootstrap.kubernetes.io/token');
  const forJoining = tokens.filter(({ data }) => data?.['usage-bootstrap-authentication'] !== undefined);
  // The other one owns the uploaded certificates.
  if (forJoining.length !== 1 || tokens.length !== 2)
    throw new LabError(`${tokens.length} bootstrap tokens, ${forJoining.length} of them to join with`);
  // CoreDNS takes 10 s to be ready: the suite looks at what was made of it.
  await expectWorkingCluster(lab, node, expectedPods(nodeName, false));
}

function expectSame(what: string, found: readonly string[], expected: readonly string[]): void {
  const more = found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`);
  const less = expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`);
  if (more.length + less.length > 0) throw new LabError(`${what}:\n${[...less, ...more].join('\n')}`);
}

/** Path, mode, owner, and `f` of a file or the letter of `find`, a line each: all but the contents. */
async function entries(node: LabNode): Promise<readonly string[]> {
  const lines = (await fileList(node, folders)).split('\n').filter((line) => line !== '');
  return lines.map((line) => line.replace(/ [0-9a-f]{64}$/, ' f'));
}

/** Not what the kubelet and etcd write by themselves while they run. */
function isOfKubeadm(entry: string): boolean {
  const name = entry.slice(0, entry.indexOf(' '));
  const isOwn = /^\/var\/lib\/kubelet\/(config|instance-config)\.yaml$|kubeadm-flags\.env$/.test(name);
  // Those of kubeadm: the kubelet and etcd have temporary files of their own.
  const isTemporary = isTemporaryName(name.slice(name.lastIndexOf('/') + 1));
  return isOwn || isTemporary || !/^\/var\/lib\/(kubelet|etcd)\//.test(name);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
