import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { clean, verdict } from '../verdict.fixture.ts';
import { kubeletVersion } from './kubelet-version.ts';
import { systemVerification } from './system-verification/system-verification.ts';

const kubelet = (stdout: string) => ({ programs: { kubelet: { stdout } } });

describe('KubeletVersion', () => {
  test.each(['v1.36.2', 'v1.33.0', 'v1.36.9-eks.1+abc', 'v1.35.0'])('takes %s', async (version) => {
    expect(kubeletVersion('v1.36.2').name).toBe('KubeletVersion');
    expect(await verdict(kubeletVersion('v1.36.2'), kubelet(`Kubernetes ${version}\n`))).toEqual(clean);
  });

  test.each([
    ['v1.32.9', /1\.32\.9, this kubeadm needs 1\.33\.0/],
    ['v1.33.0-rc.1', /needs 1\.33\.0/],
    ['v1.37.0', /higher than the control plane version 1\.36\.2/],
    ['v2.0.0', /higher than the control plane/],
    ['v1.36', /printed/],
  ])('refuses %s', async (version, text) => {
    const { errors } = await verdict(kubeletVersion('v1.36.2'), kubelet(`Kubernetes ${version}\n`));
    expect(errors).toEqual([expect.stringMatching(text)]);
  });

  test('does not compare with a version that is not known', async () => {
    expect(await verdict(kubeletVersion(''), kubelet('Kubernetes v1.37.0'))).toEqual(clean);
  });

  test('fails without a kubelet, and for one that fails', async () => {
    expect((await verdict(kubeletVersion(''))).errors).toEqual([expect.stringContaining('kubelet')]);
    const broken = { programs: { kubelet: { code: 2, stderr: 'boom' } } };
    expect((await verdict(kubeletVersion(''), broken)).errors).toEqual([
      expect.stringMatching(/code 2: boom/),
    ]);
  });

  test('asks the kubelet once, also for the other check that wants to know', async () => {
    const host = createMemoryHost({ programs: { kubelet: { stdout: 'Kubernetes v1.36.2' } } });
    for (const { check } of [kubeletVersion('v1.36.2'), systemVerification({ upgrade: false })])
      await check(host);
    expect(host.programs.calls.filter(({ program }) => program === 'kubelet')).toHaveLength(1);
  });

  test('fails for a cluster version that is not a version', async () => {
    const { errors } = await verdict(kubeletVersion('latest'), kubelet('Kubernetes v1.36.2'));
    expect(errors).toEqual([expect.stringContaining('"latest"')]);
  });
});
