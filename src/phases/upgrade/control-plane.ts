import { formatDuration } from '../../lib/go/duration.ts';
import { manifestInput } from '../../manifests/manifest-input.ts';
import { changeUpgradeRecord } from '../../run-record/record.ts';
import { waitForMirrorPods } from '../../upgrade/mirror-pods.ts';
import { putNewManifests, upgradeControlPlane } from '../../upgrade/upgrade-control-plane.ts';
import { connectLocally } from './connect.ts';
import type { UpgradePhase } from './input.ts';

const topic = 'upgrade/control-plane';

/** A dry run shows the new manifests. */
const show: UpgradePhase = {
  name: 'show',
  short: 'Show the new manifests of the control plane',
  hidden: true,
  inDryRun: 'only',
  run: async (input, host, { emit }) => {
    if (!input.isControlPlane) return;
    const { patches } = input;
    await putNewManifests(host, { manifests: await manifestInput(input, host), patches }, emit);
  },
};

const swap: UpgradePhase = {
  name: 'swap',
  short: 'Replace the static Pods of this node',
  hidden: true,
  inDryRun: 'skip',
  run: async (input, host, context) => {
    if (!input.isControlPlane) return;
    const { emit, signal } = context;
    const { backups, init, kubeconfig, options, patches, startTime } = input;
    const client = await context.scope.client(context);
    const local = await connectLocally(host, kubeconfig, init.localAPIEndpoint);
    try {
      await upgradeControlPlane(
        host,
        {
          ...options,
          manifests: await manifestInput(input, host),
          patches,
          criSocket: init.nodeRegistration.criSocket,
          startTime,
          timeouts: init.timeouts,
          backups,
          onSwapping: async (swapping) =>
            await changeUpgradeRecord(host, (record) => ({ ...record, backups, swapping }), emit),
          onRestorable: async (etcdDataDir) =>
            await changeUpgradeRecord(host, (record) => ({ ...record, etcdDataDir }), emit),
        },
        { client, local, emit, signal },
      );
    } finally {
      local.close();
    }
    const message = 'The control plane instance for this node was successfully upgraded!';
    emit({ type: 'progress', topic, message });
  },
};

/** The addons are upgraded when the API shows that all control planes have the new version. */
const registered: UpgradePhase = {
  name: 'registered',
  short: 'Wait until the API shows the new static Pods',
  hidden: true,
  inDryRun: 'skip',
  run: async ({ init, isControlPlane }, host, context) => {
    if (!isControlPlane) return;
    const { emit, signal } = context;
    const { criSocket, name: nodeName } = init.nodeRegistration;
    const timeoutMs = init.timeouts.upgradeManifests;
    const client = await context.scope.client(context);
    await waitForMirrorPods(host, { client, nodeName, criSocket, timeoutMs, emit, signal });
  },
};

/** Source: cmd/phases/upgrade/{apply,node}/controlplane.go. */
export const controlPlane: UpgradePhase = {
  name: 'control-plane',
  short: 'Upgrade the control plane instance of this node, if it has one',
  flags: ['certificate-renewal', 'config', 'dry-run', 'etcd-upgrade', 'kubeconfig', 'patches'],
  run: async ({ cluster, init, isControlPlane }, _host, { emit }) => {
    const timeout = formatDuration(init.timeouts.upgradeManifests);
    const message = isControlPlane
      ? `Upgrading the static Pods of the control plane to ${cluster.kubernetesVersion} (time limit: ${timeout})`
      : 'Skipping phase. Not a control plane node.';
    emit({ type: 'progress', topic, message });
  },
  children: [show, swap, registered],
};
