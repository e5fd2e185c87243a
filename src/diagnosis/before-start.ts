/** What the rules find about a machine before anything starts on it. */
import type { CriClient } from '../clients/cri/cri-client.ts';
import type { ReadHost } from '../host.ts';
import { kubeletDir, kubernetesDir } from '../names.ts';
import type { Facts, MachineFacts } from './facts.ts';
import type { Finding, Rule } from './finding.ts';
import { gatherCertificates } from './gather/certificates.ts';
import { gatherFileSystems } from './gather/file-systems.ts';
import { gatherDuplicateManifests } from './gather/manifests.ts';
import { processGatherer } from './gather/processes.ts';
import { gatherRuntime } from './gather/runtime.ts';
import {
  certificateExpired,
  certificateKeyMismatch,
  certificateUntrusted,
  clockWrong,
} from './rules/certificate.ts';
import { diskFull, readOnlyFileSystem } from './rules/machine.ts';
import { manifestDuplicate } from './rules/manifest-duplicate.ts';
import { silenceOf } from './rules/runtime-stopped.ts';

/** Full and read-only file systems of the directories that every node writes to, and of `others`. */
export async function fileSystemFindings(
  host: Pick<ReadHost, 'files' | 'exec' | 'clock'>,
  others: readonly string[],
): Promise<readonly Finding[]> {
  const directories = [
    kubernetesDir,
    kubeletDir,
    ...others,
    '/var/lib/containerd',
    '/var/log/pods',
    '/var/log',
    '/run',
  ];
  const fileSystems = await gatherFileSystems(host, directories);
  return findings([diskFull, readOnlyFileSystem], host, { fileSystems });
}

/** Files that would be a second manifest of a component. */
export async function manifestFindings(host: Pick<ReadHost, 'files' | 'clock'>): Promise<readonly Finding[]> {
  const duplicateManifests = await gatherDuplicateManifests(host).catch(() => []);
  return findings([manifestDuplicate], host, { duplicateManifests });
}

/** Certificates that exist already and are of no use, so that the components would not start with them. */
export async function certificateFindings(
  host: Pick<ReadHost, 'files' | 'clock'>,
  certificatesDir: string,
): Promise<readonly Finding[]> {
  const certificates = await gatherCertificates(host, certificatesDir);
  const rules = [clockWrong, certificateExpired, certificateKeyMismatch, certificateUntrusted];
  return findings(rules, host, { certificates });
}

/**
 * Why the container runtime does not answer. Undefined if no more is known than the error of the call.
 *
 * @param error the error of a call
 */
export async function runtimeSilence(
  host: Pick<ReadHost, 'exec' | 'files' | 'clock'>,
  { cri, criSocket, error }: RuntimeFailure,
): Promise<string | undefined> {
  const question = { criSocket, error, silentMs: 0, processes: processGatherer(host) };
  const runtime = await gatherRuntime(host, cri, question).catch(() => undefined);
  if (runtime?.unit === undefined || runtime.unit.load === 'not-found') return undefined;
  return silenceOf(runtime, `the unit ${runtime.service}`).reason;
}

export interface RuntimeFailure {
  readonly cri: Pick<CriClient, 'conditions' | 'settings'>;
  readonly criSocket: string;
  readonly error: unknown;
}

function findings(
  rules: readonly Rule[],
  { clock }: Pick<ReadHost, 'clock'>,
  seen: Partial<MachineFacts>,
): readonly Finding[] {
  const machine = {
    now: clock.now().getTime(),
    fileSystems: [],
    certificates: [],
    missingManifests: [],
    memoryKills: [],
    health: [],
    ...seen,
  };
  const facts: Facts = { criSocket: '', elapsedMs: 0, pulls: [], sandboxes: [], absentImages: [], machine };
  return rules.flatMap(({ find }) => find(facts));
}
