/** The certificates that the components of this node use, compared with those in their files. */
import type { Facts } from '../diagnosis/facts.ts';
import { certificatesDirectory, readConfigured } from '../diagnosis/gather/configured.ts';
import type { OldCertificateFacts } from '../diagnosis/setup-facts.ts';
import type { Host } from '../host.ts';
import { stateOf } from '../renewal/state.ts';
import { type CertificateUse, certificateUses } from '../renewal/uses.ts';

/** A server reads a changed file within a minute. */
const readMs = 120_000;

type CertificateHost = Pick<Host, 'files' | 'net' | 'clock' | 'cri'>;

/** What cannot be asked or read, and a file that has just been written, proves nothing. */
export async function oldCertificates(
  host: CertificateHost,
  facts: Pick<Facts, 'components' | 'criSocket' | 'machine'>,
  signal: AbortSignal,
): Promise<readonly OldCertificateFacts[]> {
  const certificatesDir = certificatesDirectory(await readConfigured(host));
  const uses = await certificateUses(host, { certificatesDir }).catch(() => []);
  const isOld = await Promise.all(
    uses.map(async (use) => {
      if (!(await hasSettled(host, use))) return false;
      if (use.url === undefined) return startedBefore(facts, use);
      const { criSocket } = facts;
      return (await stateOf(host, use, { criSocket, signal }).catch(() => 'unknown')) === 'old';
    }),
  );
  return uses
    .filter((_, index) => isOld[index])
    .map(({ certificate, component, path, url }) => ({
      component,
      certificate,
      path,
      isServed: url !== undefined,
    }));
}

async function hasSettled(
  { clock, files }: Pick<CertificateHost, 'clock' | 'files'>,
  { path }: CertificateUse,
): Promise<boolean> {
  const file = await files.stat(path).catch(() => undefined);
  return file !== undefined && clock.now().getTime() - file.modifiedAt > readMs;
}

/**
 * Whether the container of a client started before its certificate was valid, so that it has an earlier one. The time of the
 * file proves less: a file can be written again with the same certificate.
 */
function startedBefore(
  { components = [], machine }: Pick<Facts, 'components' | 'machine'>,
  { component, path, read }: CertificateUse,
): boolean {
  const runsForMs = components.find(({ name }) => name === component)?.runsForMs;
  const certificate = machine?.certificates.find((one) => one.path === path);
  if (read !== 'start' || machine === undefined || runsForMs === undefined) return false;
  return certificate !== undefined && machine.now - runsForMs < certificate.notBefore;
}
