import { describe, expect, test } from 'vitest';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { kubeletEnvironment } from './environment.ts';

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
