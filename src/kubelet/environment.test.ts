import { describe, expect, test } from 'vitest';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { kubeletEnvironment } from './environment.ts';

const { nodeRegistration: node } = defaultInit({
  nodeRegistration: { name: 'cp1', criSocket: 'unix:///run/containerd/containerd.sock' },
});
const usual = { node, hostname: 'cp1', socketInFile: true, registerTaints: false };

describe('kubeletEnvironment', () => {
  test('the environment of a usual node is empty quotes', () => {
    expect(kubeletEnvironment(usual)).toBe('KUBELET_KUBEADM_ARGS=""\n');
  });

  test('names the node when it is not called as its machine', () => {
    expect(kubeletEnvironment({ ...usual, hostname: 'other' })).toBe(
      'KUBELET_KUBEADM_ARGS="--hostname-override=cp1"\n',
    );
  });

  test('lets the last of the users flags win over the default, and keeps all of them in order', () => {
    const kubeletExtraArgs = [
      { name: 'v', value: '4' },
      { name: 'hostname-override', value: 'a' },
      { name: 'hostname-override', value: 'b"c' },
    ];
    expect(kubeletEnvironment({ ...usual, node: { ...node, kubeletExtraArgs } })).toBe(
      'KUBELET_KUBEADM_ARGS="--v=4 --hostname-override=a --hostname-override=b\\"c"\n',
    );
  });

  test('passes socket and taints by flag where the caller asks for it', () => {
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
