/** Finds what is wrong with a machine. It only reads. */
import { fillSocket } from '../config/dynamic.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import type { Facts } from '../diagnosis/facts.ts';
import type { NamedFinding } from '../diagnosis/finding.ts';
import { createObserver } from '../diagnosis/observer.ts';
import { type WordedRemedy, wordRemedy } from '../diagnosis/remedy.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { writtenConfiguration } from '../kubelet/written-configuration.ts';
import { writtenCriSocket } from '../kubelet/written-socket.ts';
import { parseIPSloppy } from '../lib/ip.ts';
import { nodeNameOf } from '../lib/node-name.ts';
import { readKubeletVersion } from '../preflight/checks/kubelet-version.ts';
import { doctorChecks, rootChecks } from '../preflight/profiles.ts';
import { answersOf, type NamedResult, runChecks } from '../preflight/run.ts';
import { addonsHere } from './addons.ts';
import { type Membership, membershipOf, type Role } from './membership.ts';
import { oldCertificates } from './old-certificates.ts';

/** One thing that is wrong. */
export interface Problem {
  /** The name of the rule or of the preflight check that found it. */
  readonly name: string;
  /** A component such as `kube-apiserver` or `kubelet`, or `machine`. */
  readonly component: string;
  readonly summary: string;
  readonly certainty: 'certain' | 'likely';
  /** When it began, in milliseconds since 1970, if that is known. */
  readonly since?: number;
  /** Lines of logs without secrets, shortest first. */
  readonly evidence: readonly string[];
  /** Undefined if the summary has it. */
  readonly remedy?: WordedRemedy;
}

export interface Examination {
  readonly role: Role;
  readonly criSocket: string;
  /** Roots first. */
  readonly problems: readonly Problem[];
  /** Warnings of preflight checks, as `<check>: <text>`. */
  readonly warnings: readonly string[];
  /** What could not be seen, each in one sentence without a period. */
  readonly unknown: readonly string[];
}

export interface ExamineOptions {
  /** Defaults to the socket that the kubelet uses, or that of the installed runtime. */
  readonly criSocket?: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** These rules ask for something that only a node of a cluster has. */
const rulesOfNodes: readonly string[] = [
  'kubelet-exits',
  'kubelet-stopped',
  'kubelet-without-config',
  'pod-network-missing',
  'resolv-conf-missing',
];

/**
 * Looks once at the machine, and asks the preflight checks that a running node must pass, or those of a new node.
 *
 * @throws KubeadmError `preflight-failed` unless the user is root; `config-invalid` if the machine has two runtimes and
 * no file names one; the signal's reason
 */
export async function examine(host: Host, options: ExamineOptions): Promise<Examination> {
  const { emit, signal } = options;
  await runChecks(rootChecks, host, { ignore: [], emit, signal });
  const membership = await membershipOf(host);
  const given = options.criSocket ?? (await writtenCriSocket(host)) ?? '';
  const criSocket = await fillSocket(host, given, {
    criDetection: true,
    path: '--cri-socket',
    warn: () => undefined,
  });
  const [facts, answers] = await Promise.all([
    lookAt(host, membership, { criSocket, signal }),
    askChecks(host, membership, { criSocket, signal }),
  ]);
  signal.throwIfAborted();
  const isNode = membership.role !== 'none';
  const found = diagnose(facts).filter(({ rule }) => isNode || !rulesOfNodes.includes(rule));
  return {
    role: membership.role,
    criSocket,
    problems: [...found.map(problemOf), ...answers.flatMap(problemsOfCheck)],
    warnings: answers.flatMap(({ name, result }) => result.warnings.map((text) => `${name}: ${text}`)),
    unknown: unknownParts(facts, isNode),
  };
}

interface LookOptions {
  readonly criSocket: string;
  readonly signal: AbortSignal;
}

async function lookAt(
  host: Host,
  { components }: Membership,
  { criSocket, signal }: LookOptions,
): Promise<Facts> {
  const observer = createObserver(host, {
    criSocket,
    components: [...components, ...(await addonsHere(host, criSocket))],
    since: new Date(0),
    once: true,
    signal,
  });
  try {
    const facts = await observer.look('node');
    return { ...facts, oldCertificates: await oldCertificates(host, facts, signal) };
  } finally {
    observer.close();
  }
}

async function askChecks(
  host: Host,
  { role }: Membership,
  { criSocket, signal }: LookOptions,
): Promise<readonly NamedResult[]> {
  const isNode = role !== 'none';
  const dns = (await writtenConfiguration(host))?.clusterDNS;
  const addresses = Array.isArray(dns) ? dns.map(String) : [];
  const checks = doctorChecks({
    isNode,
    node: { name: nodeNameOf(await host.net.hostname()), criSocket },
    // IPv4 is the default of init.
    families: isNode ? addresses.flatMap((ip) => parseIPSloppy(ip)?.family ?? []) : [4],
    kubeletVersion: readKubeletVersion(host),
  });
  return await answersOf(checks, host, signal);
}

function problemOf({ certainty, component, evidence, remedy, rule, since, summary }: NamedFinding): Problem {
  return {
    name: rule,
    component,
    summary,
    certainty,
    ...(since === undefined ? {} : { since }),
    evidence,
    remedy: wordRemedy(remedy, 'doctor'),
  };
}

function problemsOfCheck({ name, result }: NamedResult): readonly Problem[] {
  return result.errors.map((summary) => ({
    name,
    component: 'machine',
    summary,
    certainty: 'certain',
    evidence: [],
  }));
}

function unknownParts({ components, kubelet, machine, runtime }: Facts, isNode: boolean): readonly string[] {
  const silent = runtime?.error !== undefined;
  const apiServerAnswers = isNode && machine?.endpoint !== undefined && machine.endpoint.error === undefined;
  return [
    ...(kubelet === undefined ? ['systemd does not answer, so the state of the kubelet is not known'] : []),
    ...(silent || components === undefined
      ? ['the container runtime does not answer, so the state of the containers is not known']
      : []),
    ...(isNode && machine?.node === undefined
      ? [
          apiServerAnswers
            ? 'the API server does not show the Node of this machine to its kubelet, so its conditions are not known'
            : 'the API server does not answer, so the conditions of the Node are not known',
        ]
      : []),
  ];
}
