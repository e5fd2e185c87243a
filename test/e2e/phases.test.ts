import { test } from 'vitest';

import { configFile, expectWorkingCluster, runKubeadm, withNode, writeConfig } from '../support/node.ts';

// The order of upstream's own phase test (kinder). The kubelet starts second, before it has a configuration.
const order = [
  'preflight',
  'kubelet-start',
  'certs all',
  'kubeconfig all',
  'control-plane all',
  'etcd local',
  'wait-control-plane',
  'upload-config all',
  'upload-certs --upload-certs',
  'mark-control-plane',
  'bootstrap-token',
  'kubelet-finalize all',
  'addon all',
];

/** `wait-control-plane` has no `--config` flag. */
const withoutConfig = new Set(['wait-control-plane']);

test('init one phase at a time, with the kubelet second, makes a working cluster', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    for (const phase of order) {
      const config = withoutConfig.has(phase) ? [] : ['--config', configFile];
      await runKubeadm(node, ['init', 'phase', ...phase.split(' '), ...config]);
    }
    await expectWorkingCluster(lab, node);
  });
});
