/** Checks that ask rules of the diagnosis before anything starts. Upstream has no such checks. */
import { certificateFindings, fileSystemFindings, manifestFindings } from '../../diagnosis/before-start.ts';
import type { Finding } from '../../diagnosis/finding.ts';
import { wordRemedy } from '../../diagnosis/remedy.ts';
import { type Check, type CheckResult, warn } from '../check.ts';

/** Warns of a full or read-only file system. `directories` are those that not every node has. */
export function fileSystem(directories: readonly string[]): Check {
  return {
    name: 'FileSystem',
    check: async (host) => warnOf(await fileSystemFindings(host, directories)),
  };
}

/** Warns of given certificates that have expired, are not valid yet, or do not fit to their key or their authority. */
export function givenCertificates(certificatesDir: string): Check {
  return {
    name: 'Certificates',
    check: async (host) => warnOf(await certificateFindings(host, certificatesDir)),
  };
}

/** Warns of files that would be a second manifest of a component, such as copies of an earlier cluster. */
export const manifestDuplicates: Check = {
  name: 'ManifestDuplicate',
  check: async (host) => warnOf(await manifestFindings(host)),
};

function warnOf(findings: readonly Finding[]): CheckResult {
  return warn(
    ...findings.map(
      ({ remedy, summary }) => `${summary}. ${wordRemedy(remedy, 'doctor').text.replace(/\.$/, '')}`,
    ),
  );
}
