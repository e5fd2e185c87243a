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

/** Durations and results of an undisturbed run, for comparison with all other runs. */
export interface Undisturbed {
  readonly initMs: number;
  readonly resetMs: number;
  /** Files of kubeadm, one per line. Those of the kubelet and etcd differ from run to run. */
  readonly initialized: readonly string[];
  /** All remaining files, one per line. */
  readonly reset: readonly string[];
}

export const init = ['init', '--config', configFile, '--upload-certs'];
export const reset = ['reset', '-f'];

const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd', '/var/lib/kubeadm'];

/**
 * Runs the command and sends it the signal at the first matching event or after the time. The exit code is as in a shell.
 * The process is a child of this one in the node, so that the signal cannot reach another process.
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
 * @throws LabError if the run succeeded and never reached that instant
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
  /** Whether the kill came before the end of the run. */
  readonly killed: boolean;
  readonly output: string;
}

/** @throws LabError if the run fails before it is killed, or ends without reaching that instant */
export async function cutOff(node: LabNode, args: readonly string[], instant: Instant): Promise<CutRun> {
  const { code, stderr, stdout } = await signalAt(node, args, { instant, signal: 'KILL' });
  const output = stdout + stderr;
  if (code !== 0 && code !== 137)
    throw new LabError(`kubeadm ${args[0]} failed by itself:\n${output.slice(-3000)}`);
  return { killed: code === 137, output };
}

/**
 * Runs a whole init and reset undisturbed on a fresh node.
 *
 * @throws LabError if the reset leaves anything but folders
 */
export async function runUndisturbed(lab: Lab, node: LabNode): Promise<Undisturbed> {
  await writeConfig(lab, node);
  const before = await entries(node);
  const initMs = await timed(() => runKubeadm(node, init));
  const initialized = (await entries(node)).filter(isOfKubeadm);
  const resetMs = await timed(() => runKubeadm(node, reset));
  const after = await entries(node);
  // Like upstream's, reset leaves the folders that it empties.
  const left = after.filter((line) => !line.endsWith(' d') && !before.includes(line));
  if (left.length > 0) throw new LabError(`an undisturbed reset leaves:\n${left.join('\n')}`);
  return { initMs, resetMs, initialized, reset: after };
}

export interface Kills {
  readonly init: CutRun;
  readonly reset: CutRun;
}

/** The node under test, and the undisturbed run to compare with. */
export interface Subject {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly undisturbed: Undisturbed;
}

/**
 * Starts on a clean node: cuts `init` off, runs it again, and expects the cluster of an undisturbed run and a successful
 * suite of upstream. Then it does the same with `reset`. The node is clean again at the end.
 *
 * @throws LabError that describes the difference
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

/** containerd takes a moment to remove containers that it was creating for a stopped kubelet. */
async function expectNoContainers(node: LabNode): Promise<void> {
  const check =
    'for i in $(seq 50); do ctr -n k8s.io tasks list -q | grep -q . || exit 0; sleep 0.2; done; exit 1';
  if ((await node.exec(['sh', '-c', check])).code === 0) return;
  // Collects details for the error: the owners of the containers, and the log of containerd.
  const story = `ctr -n k8s.io tasks list
for id in $(ctr -n k8s.io tasks list -q); do
  ctr -n k8s.io containers info "$id" | grep -E '"(io.kubernetes|io.cri-containerd)[^"]*": "[^{]*$'
  journalctl -u containerd --no-pager -o short-precise | grep "$id" | tail -n 40
done`;
  throw new LabError(`containers run 10 s after reset:\n${(await node.exec(['sh', '-c', story])).stdout}`);
}

/** Whether the run was complete when it was killed: the record is removed, and the results exist. */
async function hasEnded(node: LabNode): Promise<boolean> {
  const check =
    '! [ -e /var/lib/kubeadm/unfinished-run.json ] && [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ]';
  const { code } = await node.exec(['sh', '-c', check]);
  // Only the empty folder of the record may remain.
  if (code === 0) await node.mustExec(['sh', '-c', '! [ -d /var/lib/kubeadm ] || rmdir /var/lib/kubeadm']);
  return code === 0;
}

/** A node with a finished `init` is refused, as upstream does. */
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
  // The other token owns the uploaded certificates.
  if (forJoining.length !== 1 || tokens.length !== 2)
    throw new LabError(`${tokens.length} bootstrap tokens, ${forJoining.length} of them to join with`);
  // CoreDNS takes 10 s to be ready, and the suite tests its objects.
  await expectWorkingCluster(lab, node, expectedPods(nodeName, false));
}

function expectSame(what: string, found: readonly string[], expected: readonly string[]): void {
  const more = found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`);
  const less = expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`);
  if (more.length + less.length > 0) throw new LabError(`${what}:\n${[...less, ...more].join('\n')}`);
}

/** One line per file with path, mode, owner, and its type (`f` or the letter of `find`), without the content. */
async function entries(node: LabNode): Promise<readonly string[]> {
  const lines = (await fileList(node, folders)).split('\n').filter((line) => line !== '');
  return lines.map((line) => line.replace(/ [0-9a-f]{64}$/, ' f'));
}

/** Whether kubeadm wrote the file, and not the kubelet or etcd while they run. */
function isOfKubeadm(entry: string): boolean {
  const name = entry.slice(0, entry.indexOf(' '));
  const isOwn = /^\/var\/lib\/kubelet\/(config|instance-config)\.yaml$|kubeadm-flags\.env$/.test(name);
  // Temporary files of kubeadm. The kubelet and etcd have others of their own.
  const isTemporary = isTemporaryName(name.slice(name.lastIndexOf('/') + 1));
  return isOwn || isTemporary || !/^\/var\/lib\/(kubelet|etcd)\//.test(name);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
