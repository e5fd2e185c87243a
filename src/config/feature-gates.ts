import { usageError } from '../errors.ts';
import { ownRelease } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';

/** Returns the names of the feature gates of a release, sorted. */
export function featureGatesOf(release: Release): readonly string[] {
  return Object.keys(release.featureGates).sort();
}

const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false])),
};

/**
 * Reads `name=bool,name=bool` (app/features/features.go).
 *
 * @throws KubeadmError code `usage`
 */
export function parseFeatureGates(text: string): Readonly<Record<string, boolean>> {
  const gates = featureGatesOf(ownRelease);
  const pairs = text.split(',').flatMap((item): [string, boolean][] => {
    if (item === '') return [];
    const split = item.indexOf('=');
    if (split === -1) {
      const name = item.trim() || 'name';
      throw usageError(`missing bool value for feature-gate key:${item}`, `write ${name}=true`);
    }
    const name = item.slice(0, split).trim();
    const word = item.slice(split + 1).trim();
    if (!gates.includes(name)) {
      throw usageError(`unrecognized feature-gate key: ${name}`, `the feature gates are ${gates.join(', ')}`);
    }
    const value = Object.hasOwn(truths, word) ? truths[word] : undefined;
    if (value === undefined)
      throw usageError(`invalid value ${word} for feature-gate key: ${name}, use true|false instead`);
    return [[name, value]];
  });
  return Object.fromEntries(pairs);
}
