import { describe, expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { kubernetesVersion } from './kubernetes-version.ts';

describe('KubernetesVersion', () => {
  test.each(['v1.36.0', 'v1.36.99', 'v1.35.9', '1.36.2'])('passes for %s', async (version) => {
    expect(await verdict(kubernetesVersion('v1.36.2', version))).toEqual(clean);
  });

  test.each(['v1.37.0', 'v1.37.0-alpha.0', 'v1.40.1', 'v2.0.0'])('warns of the newer %s', async (version) => {
    const { errors, warnings } = await verdict(kubernetesVersion('v1.36.2', version));
    expect(errors).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(version)]);
  });

  test('fails for a text that is not a version', async () => {
    expect(kubernetesVersion('v1.36.2', 'stable').name).toBe('KubernetesVersion');
    expect((await verdict(kubernetesVersion('v1.36.2', 'stable'))).errors).toHaveLength(1);
    expect((await verdict(kubernetesVersion('own', 'v1.36.2'))).errors).toHaveLength(1);
  });

  test('does not ask for a build without version', async () => {
    expect(await verdict(kubernetesVersion('v0.0.0-master+$Format:%H$', 'v9.9.9'))).toEqual(clean);
  });
});
