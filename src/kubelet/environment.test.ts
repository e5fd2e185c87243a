import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { environmentText, kubeletEnvironment, readKubeletFlags } from './environment.ts';

const { nodeRegistration: node } = defaultInit({
  nodeRegistration: { name: 'cp1', criSocket: 'unix:///run/containerd/containerd.sock' },
});
const usual = { node, hostname: 'cp1', socketInFile: true, registerTaints: false };

describe('kubeletEnvironment', () => {
  test('writes empty quotes for a node with default settings', () => {
    expect(kubeletEnvironment(usual)).toBe('KUBELET_KUBEADM_ARGS=""\n');
  });

  test('sets --hostname-override if the node name differs from the host name', () => {
    expect(kubeletEnvironment({ ...usual, hostname: 'other' })).toBe(
      'KUBELET_KUBEADM_ARGS="--hostname-override=cp1"\n',
    );
  });

  test('keeps all flags of the user in order, and drops a default that they override', () => {
    const kubeletExtraArgs = [
      { name: 'v', value: '4' },
      { name: 'hostname-override', value: 'a' },
      { name: 'hostname-override', value: 'b"c' },
    ];
    expect(kubeletEnvironment({ ...usual, node: { ...node, kubeletExtraArgs } })).toBe(
      'KUBELET_KUBEADM_ARGS="--v=4 --hostname-override=a --hostname-override=b\\"c"\n',
    );
  });

  test('passes the CRI socket and the taints as flags if the options request it', () => {
    const taints = [
      { key: 'a', value: 'b', effect: 'NoSchedule' },
      { key: 'c', effect: 'NoExecute' },
    ];
    expect(
      kubeletEnvironment({
        ...usual,
        node: { ...node, taints },
        socketInFile: false,
        registerTaints: true,
      }),
    ).toBe(
      'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock' +
        ' --register-with-taints=a=b:NoSchedule,c:NoExecute"\n',
    );
  });
});

describe('readKubeletFlags', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['KUBELET_KUBEADM_ARGS=""', {}],
    ['\n KUBELET_KUBEADM_ARGS="--v=4  --a=b=c"\n', { v: '4', a: 'b=c' }],
    ['KUBELET_KUBEADM_ARGS=--v=4', { v: '4' }],
    ['KUBELET_KUBEADM_ARGS="--v 4 --x --y=1 --z"', { v: '4', x: 'true', y: '1', z: 'true' }],
    ['KUBELET_KUBEADM_ARGS="word --v=4"', { v: '4' }],
  ])('reads %j', (text, flags) => {
    expect(
      Object.fromEntries((readKubeletFlags(text) ?? []).map(({ name, value }) => [name, value])),
    ).toEqual(flags);
  });

  test('returns undefined for a file with another variable', () => {
    expect(readKubeletFlags('KUBELET_EXTRA_ARGS="--v=4"')).toBeUndefined();
  });

  test('reads the flags that were written', () => {
    const word = fc.stringMatching(/^[!-~]{1,12}$/);
    const flag = fc.record({ name: fc.stringMatching(/^[a-z-]{1,12}[a-z]$/), value: word });
    fc.assert(
      fc.property(fc.array(flag), (flags) => {
        const text = environmentText(flags.map(({ name, value }) => `--${name}=${value}`));
        expect(readKubeletFlags(text)).toEqual(flags);
      }),
    );
  });
});
