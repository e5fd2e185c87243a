/**
 * Semantic versions (https://semver.org), read as Kubernetes reads them. A leading `v` and blanks around are allowed, and
 * leading zeros in a number are not. Source: apimachinery/pkg/util/version.
 */
export interface SemanticVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The pre-release, such as `alpha.1` in `1.2.3-alpha.1`; empty for a release. */
  readonly preRelease: string;
  readonly build: string;
}

const number = '(0|[1-9][0-9]*)';
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const pattern = new RegExp(
  `^\\s*v?${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+(${identifiers}))?\\s*$`,
);

/** Returns undefined if the text is not a semantic version with exactly three numbers, each of them a uint64. */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch, preRelease = '', build = ''] = match;
  if ([major, minor, patch].some((part = '') => BigInt(part) >= 1n << 64n)) return undefined;
  if (preRelease.split('.').some((part) => /^0[0-9]+$/.test(part))) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), preRelease, build };
}

/** Writes the version without the leading v, such as `1.36.2-alpha.1+build`. */
export function formatSemanticVersion(version: SemanticVersion): string {
  const { major, minor, patch, preRelease, build } = version;
  const suffix = (preRelease === '' ? '' : `-${preRelease}`) + (build === '' ? '' : `+${build}`);
  return `${major}.${minor}.${patch}${suffix}`;
}

/** Returns a negative number, 0 or a positive number, by the order of semver.org. Build data does not count. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  const byNumber = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  return byNumber || comparePreReleases(a.preRelease, b.preRelease);
}

/** A release is greater than its own pre-releases. */
function comparePreReleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const left = a.split('.');
  const right = b.split('.');
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers are less than words. Numbers are ordered by value, and words by their bytes. */
function compareIdentifiers(a: string, b: string): number {
  const isNumber = (text: string) => /^[0-9]+$/.test(text);
  if (isNumber(a) && isNumber(b)) return Number(BigInt(a) - BigInt(b));
  if (isNumber(a)) return -1;
  if (isNumber(b)) return 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
