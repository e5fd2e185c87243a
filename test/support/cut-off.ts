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
import {
  type CommandCourse,
  type Course,
  describeInstant,
  type Instant,
  instantsIn,
  type PhaseInstant,
  type Round,
} from './instants.ts';
import { configFile, expectWorkingCluster, fileList, nodeName, runKubeadm, writeConfig } from './node.ts';

/** The result of an undisturbed run, for comparison with all other runs. */
interface Undisturbed {
  /** Files of kubeadm, one per line. Those of the kubelet and etcd differ from run to run. */
  readonly made: readonly string[];
  /** All files after the reset, one per line. */
  readonly reset: readonly string[];
}

/** A node that becomes part of a cluster and is reset, again and again. */
export interface Subject {
  /** Of an undisturbed run and its reset. */
  readonly course: Course;
  /**
   * Starts on a clean node: cuts the command off, runs it again, and expects the result of an undisturbed run. Then it does
   * the same with `reset`. The node is clean again at the end.
   *
   * @throws LabError that describes the difference
   */
  readonly killAndRunAgain: (round: Round) => Promise<Kills>;
}

/** The commands of a subject, and the expectations after them. */
export interface Trial {
  readonly node: LabNode;
  /** The arguments of the command that makes the node part of a cluster. */
  readonly command: readonly string[];
  /** A file that a finished run has written, and whose presence preflight refuses. */
  readonly result: string;
  readonly expectMade: () => Promise<void>;
  readonly expectReset: () => Promise<void>;
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

export interface Kills {
  readonly run: CutRun;
  readonly reset: CutRun;
}

/**
 * Runs the commands of the trial undisturbed on a fresh node, and returns the node as a subject.
 *
 * @throws LabError if the reset leaves anything but folders
 */
export async function prepareSubject(trial: Trial): Promise<Subject> {
  const { command, expectMade, expectReset, node } = trial;
  const before = await entries(node);
  const run = await runToEnd(node, command);
  const made = (await entries(node)).filter(isOfKubeadm);
  await expectMade();
  const ofReset = await runToEnd(node, reset);
  const after = await entries(node);
  await expectReset();
  // Like upstream's, reset leaves the folders that it empties.
  const left = after.filter((line) => !line.endsWith(' d') && !before.includes(line));
  if (left.length > 0) throw new LabError(`an undisturbed reset leaves:\n${left.join('\n')}`);
  const undisturbed = { made, reset: after };
  return {
    course: { run, reset: ofReset },
    killAndRunAgain: async (round) => await killAndRunAgain(trial, undisturbed, round),
  };
}

async function runToEnd(node: LabNode, args: readonly string[]): Promise<CommandCourse> {
  const started = performance.now();
  const { code, events, stderr, stdout } = await execKubeadm(node, args, { timeoutMs: 300_000 });
  const milliseconds = performance.now() - started;
  if (code !== 0) throw new LabError(`kubeadm ${args[0]}: exit code ${code}\n${stdout}${stderr}`);
  return { milliseconds, instants: instantsIn(events) };
}

async function killAndRunAgain(trial: Trial, undisturbed: Undisturbed, round: Round): Promise<Kills> {
  const { command, expectMade, expectReset, node } = trial;
  const run = await cutOff(node, command, round.run);
  const ended = !run.killed || (await hasEnded(trial));
  if (!ended) await runKubeadm(node, command);
  else if (run.killed) await expectRefusal(trial);
  expectSame(`files after ${command[0]}`, (await entries(node)).filter(isOfKubeadm), undisturbed.made);
  await expectMade();
  const ofReset = await cutOff(node, reset, round.reset);
  const output = ofReset.killed ? await runKubeadm(node, reset) : ofReset.output;
  expectSame('files after reset', await entries(node), undisturbed.reset);
  await expectNoContainers(node).catch((error: unknown) => {
    throw new LabError(`${messageOf(error)}\nof reset:\n${output}`);
  });
  await expectReset();
  return { run, reset: ofReset };
}

/** A node on which init runs and which is reset. */
export async function initSubject(lab: Lab, node: LabNode): Promise<Subject> {
  await writeConfig(lab, node);
  return await prepareSubject({
    node,
    command: init,
    result: '/etc/kubernetes/manifests/kube-apiserver.yaml',
    expectMade: async () => await expectCluster(lab, node),
    expectReset: async () => undefined,
  });
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

/** Whether the run was complete when it was killed: the record is removed, and the result exists. */
async function hasEnded({ node, result }: Trial): Promise<boolean> {
  const check = '! [ -e /var/lib/kubeadm/unfinished-run.json ] && [ -e "$1" ]';
  const { code } = await node.exec(['sh', '-c', check, 'ended', result]);
  // Only the empty folder of the record may remain.
  if (code === 0) await node.mustExec(['sh', '-c', '! [ -d /var/lib/kubeadm ] || rmdir /var/lib/kubeadm']);
  return code === 0;
}

/** A node that is part of a cluster is refused, as upstream does. */
async function expectRefusal({ command, node, result }: Trial): Promise<void> {
  const { code, stderr } = await execKubeadm(node, command, { timeoutMs: 300_000 });
  const name = `[ERROR FileAvailable-${result.replaceAll('/', '-')}]`;
  if (code !== 1 || !stderr.includes(name))
    throw new LabError(`a finished node was not refused: exit code ${code}\n${stderr}`);
}

async function expectCluster(lab: Lab, node: LabNode): Promise<void> {
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
