import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { clean, verdict } from '../verdict.fixture.ts';
import { kubeletVersion, readKubeletVersion } from './kubelet-version.ts';

/** The version of a kubelet that prints this. */
const printed = (stdout: string) =>
  readKubeletVersion(createMemoryHost({ programs: { kubelet: { stdout } } }));

describe('KubeletVersion', () => {
  test.each(['v1.36.2', 'v1.33.0', 'v1.36.9-eks.1+abc', 'v1.35.0'])('takes %s', async (version) => {
    const check = kubeletVersion('v1.36.2', printed(`Kubernetes ${version}\n`));
    expect(check.name).toBe('KubeletVersion');
    expect(await verdict(check)).toEqual(clean);
  });

  test.each([
    ['v1.32.9', /1\.32\.9, this kubeadm needs 1\.33\.0/],
    ['v1.33.0-rc.1', /needs 1\.33\.0/],
    ['v1.37.0', /higher than the control plane version 1\.36\.2/],
    ['v2.0.0', /higher than the control plane/],
    ['v1.36', /printed/],
  ])('refuses %s', async (version, text) => {
    const { errors } = await verdict(kubeletVersion('v1.36.2', printed(`Kubernetes ${version}\n`)));
    expect(errors).toEqual([expect.stringMatching(text)]);
  });

  test('does not compare with a version that is not known', async () => {
    expect(await verdict(kubeletVersion('', printed('Kubernetes v1.37.0')))).toEqual(clean);
  });

  test('fails without a kubelet, and for one that fails', async () => {
    expect((await verdict(kubeletVersion('', readKubeletVersion(createMemoryHost())))).errors).toEqual([
      expect.stringContaining('kubelet'),
    ]);
    const broken = createMemoryHost({ programs: { kubelet: { code: 2, stderr: 'boom' } } });
    expect((await verdict(kubeletVersion('', readKubeletVersion(broken)))).errors).toEqual([
      expect.stringMatching(/code 2: boom/),
    ]);
  });

  test('fails for a cluster version that is not a version', async () => {
    const { errors } = await verdict(kubeletVersion('latest', printed('Kubernetes v1.36.2')));
    expect(errors).toEqual([expect.stringContaining('"latest"')]);
  });
});
