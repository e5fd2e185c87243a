import { describe, expect, test } from 'vitest';
import { parseSemanticVersion, type SemanticVersion } from '../lib/semantic-version.ts';
import { checkVersionPolicy, describeReasons, type PolicyVerdict } from './version-policy.ts';

const version = (text: string): SemanticVersion => {
  const parsed = parseSemanticVersion(text);
  if (parsed === undefined) throw new Error(`not a version: ${text}`);
  return parsed;
};

interface Texts {
  readonly target: string;
  readonly cluster?: string;
  readonly kubeadm?: string;
  readonly kubelets?: readonly string[] | undefined;
  readonly allowExperimental?: boolean;
  readonly allowReleaseCandidate?: boolean;
}

function check(texts: Texts): PolicyVerdict {
  const { cluster = 'v1.35.4', kubeadm = 'v1.36.2', target } = texts;
  return checkVersionPolicy({
    kubelets: ['v1.35.4'],
    allowExperimental: false,
    allowReleaseCandidate: false,
    ...texts,
    target: version(target),
    cluster: version(cluster),
    kubeadm: version(kubeadm),
  });
}

describe('checkVersionPolicy', () => {
  test.each([
    ['one minor up', { target: 'v1.36.2' }],
    ['a patch up', { target: 'v1.36.2', cluster: 'v1.36.0' }],
    ['the same version again', { target: 'v1.36.2', cluster: 'v1.36.2' }],
    ['a patch down', { target: 'v1.36.0', cluster: 'v1.36.2' }],
    ['one minor down', { target: 'v1.36.2', cluster: 'v1.37.0' }],
    ['kubelets three minors older', { target: 'v1.36.2', kubelets: ['v1.33.0', 'v1.36.2'] }],
    ['an allowed candidate', { target: 'v1.36.0-rc.1', allowReleaseCandidate: true }],
    ['an allowed alpha', { target: 'v1.36.0-alpha.1', allowExperimental: true }],
  ])('allows %s', (_, texts) => {
    expect(check(texts)).toEqual({ mandatory: [], skippable: [] });
  });

  test.each<[string, Texts, string]>([
    ['a version below the minimum', { target: 'v1.34.9', cluster: 'v1.35.0' }, 'older than v1.35.0'],
    ['two minors up', { target: 'v1.36.2', cluster: 'v1.34.9' }, 'only 1 minor at a time'],
    ['two minors down', { target: 'v1.35.0', cluster: 'v1.37.1' }, 'too low'],
    ['a minor newer than kubeadm', { target: 'v1.37.0', cluster: 'v1.36.2' }, 'use the kubeadm of 1.37'],
  ])('refuses %s, even if the user forces it', (_, texts, message) => {
    expect(check(texts).mandatory.join()).toContain(message);
  });

  test.each<[string, Texts, string]>([
    ['a patch newer than kubeadm', { target: 'v1.36.3' }, 'update kubeadm first'],
    ['a minor older than kubeadm', { target: 'v1.35.5' }, 'can only upgrade to Kubernetes 1.36'],
    ['a candidate', { target: 'v1.36.0-rc.1' }, '--allow-release-candidate-upgrades'],
    [
      'a beta, although candidates are allowed',
      { target: 'v1.36.0-beta.1', allowReleaseCandidate: true },
      '--allow-experimental-upgrades',
    ],
    [
      'old kubelets',
      { target: 'v1.36.2', kubelets: ['v1.32.9'] },
      'more than 3 minors older than v1.36.2: v1.32.9',
    ],
    ['kubelets without a version', { target: 'v1.36.2', kubelets: ['?'] }, 'cannot be read: "?"'],
    ['unknown kubelets', { target: 'v1.36.2', kubelets: undefined }, 'could not be listed'],
    [
      'a pre-release two minors up',
      { target: 'v1.36.0-alpha.1', cluster: 'v1.34.9', allowExperimental: true },
      'only 1 minor at a time',
    ],
  ])('refuses %s unless the user forces it', (_, texts, message) => {
    const verdict = check(texts);
    expect(verdict.mandatory).toEqual([]);
    expect(verdict.skippable).toHaveLength(1);
    expect(verdict.skippable.join()).toContain(message);
  });
});

test('reasons are lines with a tab and a dash', () => {
  expect(describeReasons(['a', 'b'])).toBe('\t- a\n\t- b');
});
