/** What the rules find about a machine before anything starts on it. */
import type { ReadHost } from '../host.ts';
import { kubeletDir, kubernetesDir } from '../names.ts';
import type { Facts, MachineFacts } from './facts.ts';
import type { Finding, Rule } from './finding.ts';
import { gatherCertificates } from './gather/certificates.ts';
import { gatherFileSystems } from './gather/file-systems.ts';
import {
  certificateExpired,
  certificateKeyMismatch,
  certificateUntrusted,
  clockWrong,
} from './rules/certificate.ts';
import { diskFull, readOnlyFileSystem } from './rules/machine.ts';

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

/** Certificates that exist already and are of no use, so that the components would not start with them. */
export async function certificateFindings(
  host: Pick<ReadHost, 'files' | 'clock'>,
  certificatesDir: string,
): Promise<readonly Finding[]> {
  const certificates = await gatherCertificates(host, certificatesDir);
  const rules = [clockWrong, certificateExpired, certificateKeyMismatch, certificateUntrusted];
  return findings(rules, host, { certificates });
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
