/** The table of minors, and how a version finds its row. */
import { kubeadmVersion } from '../versions.ts';
import { release135 } from './1.35.ts';
import { release136 } from './1.36.ts';
import type { Release } from './release.ts';

/** One row per minor that this kubeadm deploys, oldest first. */
export const releases: readonly Release[] = [release135, release136];

/**
 * The row of a version such as `v1.36.2`. A minor that is not in the table gets the nearest row; a text that is not
 * a version, such as the label `stable-1`, gets the newest. Source: constants.go, EtcdSupportedVersion.
 *
 * @throws RangeError for a table without rows
 */
export function releaseOf(version: string, table: readonly Release[] = releases): Release {
  const wanted = minorNumber(version) ?? Number.MAX_SAFE_INTEGER;
  const distance = (row: Release): number => Math.abs((minorNumber(row.minor) ?? 0) - wanted);
  const [nearest] = table.toSorted((a, b) => distance(a) - distance(b));
  if (nearest === undefined) throw new RangeError('the table of releases is empty');
  return nearest;
}

/** The row of this kubeadm's own minor, which it uses before it knows a cluster. */
export const ownRelease: Release = releaseOf(kubeadmVersion);

function minorNumber(version: string): number | undefined {
  const minor = /^v?\d+\.(\d+)(?:\.|$)/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
}
