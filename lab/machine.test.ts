import { expect, test } from 'vitest';

import { adaptations, hasSysResource } from './machine.ts';
import { containerdConfig, containerdUnit } from './units.ts';

const poor = { sysResource: false, cgroupVersion: 1 } as const;
const rich = { sysResource: true, cgroupVersion: 2 } as const;

test('CAP_SYS_RESOURCE is bit 24 of the effective set', () => {
  expect(hasSysResource('CapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n')).toBe(false);
  expect(hasSysResource('CapPrm:\t0000000000000000\nCapEff:\t0000000001000000\n')).toBe(true);
  expect(hasSysResource('')).toBe(false);
});

test('without CAP_SYS_RESOURCE no OOM score is lowered anywhere', () => {
  const { kubelet, kubeProxy, list } = adaptations(poor);
  expect(kubelet).toMatchObject({ kind: 'KubeletConfiguration', oomScoreAdj: 0 });
  expect(kubeProxy).toMatchObject({ kind: 'KubeProxyConfiguration', oomScoreAdj: 0 });
  expect(containerdConfig(poor, 'pause:1')).toContain('restrict_oom_score_adj = true');
  expect(containerdUnit(poor)).not.toMatch(/OOMScoreAdjust|Limit/);
  expect(list.map(({ why }) => why).join('\n')).toContain('CAP_SYS_RESOURCE');
});

test('on cgroup version 1 the kubelet is allowed to run, with the driver of the runtime', () => {
  const { kubelet, ignorePreflightErrors } = adaptations(poor);
  expect(kubelet).toMatchObject({ failCgroupV1: false, cgroupDriver: 'cgroupfs' });
  expect(ignorePreflightErrors).toEqual(['SystemVerification']);
  expect(containerdConfig(poor, 'pause:1')).toContain('SystemdCgroup = false');
});

test('a machine with CAP_SYS_RESOURCE and cgroup version 2 needs no adaptations', () => {
  const { kubelet, kubeProxy, ignorePreflightErrors } = adaptations(rich);
  expect(Object.keys(kubelet)).not.toEqual(expect.arrayContaining(['oomScoreAdj']));
  expect(Object.keys(kubelet)).not.toEqual(expect.arrayContaining(['cgroupDriver']));
  expect(Object.keys(kubeProxy)).not.toEqual(expect.arrayContaining(['oomScoreAdj']));
  expect(kubeProxy).toMatchObject({ conntrack: { maxPerCore: 0 } });
  expect(ignorePreflightErrors).toEqual([]);
  const config = containerdConfig(rich, 'registry.k8s.io/pause:3.10.2');
  expect(config).toContain('SystemdCgroup = true');
  expect(config).toContain("sandbox = 'registry.k8s.io/pause:3.10.2'");
  expect(containerdUnit(rich)).toContain('OOMScoreAdjust=-999');
});

test('every adaptation has its reason', () => {
  for (const { what, why } of adaptations(poor).list) {
    expect(what).not.toBe('');
    expect(why.length).toBeGreaterThan(20);
  }
});
