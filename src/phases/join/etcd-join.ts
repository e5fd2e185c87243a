import type { EtcdClient } from '../../clients/etcd/etcd-client.ts';
import type { InitFamilyConfig, LocalEtcd } from '../../config/hub.ts';
import { FileError, messageOf, NetError } from '../../errors.ts';
import { connectToEtcd } from '../../etcd/connect.ts';
import { joinMember, type StaticMember } from '../../etcd/join-member.ts';
import type { Host } from '../../host.ts';
import { installEtcd } from '../../kubelet/control-plane-pods.ts';
import { restartContainer } from '../../kubelet/restart-container.ts';
import { waitUntilEnded } from '../../kubelet/wait-until-ended.ts';
import { joinHostPort } from '../../lib/host-port.ts';
import { RetryTimeout } from '../../lib/retry.ts';
import { manifestInput } from '../../manifests/manifest-input.ts';
import { manifestPath, ports } from '../../names.ts';
import { isExternal } from '../../pki/external-ca.ts';
import { changeJoinRecord, type JoinRecord } from '../../run-record/record.ts';
import type { JoinContext, JoinInput, JoinPhase } from './input.ts';

/** The kubelet ends a container within 30 s. etcd itself ends within a second. */
const endTimeoutMs = 35_000;

/**
 * Adds a member to the etcd of the cluster. It comes before the TLS bootstrap, because the kubelet of a control plane uses
 * the API server of its own machine, which needs this member. Source: cmd/phases/join/controlplanejoin.go, runEtcdPhase.
 */
export const etcdJoin: JoinPhase = {
  name: 'etcd-join',
  short: 'Join etcd for control plane nodes',
  example: `  # Join etcd for a control plane node
  kubeadm join phase etcd-join --control-plane`,
  flags: ['apiserver-advertise-address', 'config', 'control-plane', 'dry-run', 'node-name', 'patches'],
  run: async (input, host, context) => {
    const { join } = input;
    if (join.controlPlane === undefined) return;
    const configuration = await context.scope.cluster(context);
    const { external, local } = configuration.cluster.etcd;
    if (external !== undefined || local === undefined) {
      const message = 'Using external etcd - no local stacked instance added';
      context.emit({ type: 'progress', topic: 'control-plane-join', message });
      return;
    }
    await joinEtcd(input, host, { configuration, local, context });
  },
};

interface Joining {
  readonly configuration: InitFamilyConfig;
  readonly local: LocalEtcd;
  readonly context: JoinContext;
}

interface Connected extends Joining {
  readonly client: EtcdClient;
}

async function joinEtcd(input: JoinInput, host: Host, joining: Joining): Promise<void> {
  const { configuration, context, local } = joining;
  const { cluster, init } = configuration;
  const { emit, scope, signal } = context;
  const { timeouts } = init;
  const { certificatesDir } = cluster;
  const apiClient = await scope.client(context);
  const connecting = { timeouts, emit, signal, topic: 'etcd' };
  const client = await connectToEtcd(host, { client: apiClient, certificatesDir }, connecting);
  try {
    await joinMember(host, client, {
      own: {
        name: init.nodeRegistration.name,
        peerURL: peerURLOf(configuration),
        dataDir: local.dataDir,
        ownsData: input.unfinished?.etcdDataDir === local.dataDir,
      },
      member: staticMember(input, host, { ...joining, client }),
      context: { emit, signal, timeoutMs: timeouts.etcdAPICall },
    });
  } finally {
    client.close();
  }
}

function peerURLOf({ init }: InitFamilyConfig): string {
  return `https://${joinHostPort(init.localAPIEndpoint.advertiseAddress, ports.etcdPeer)}`;
}

function staticMember({ options, patches }: JoinInput, host: Host, joining: Connected): StaticMember {
  const { client, configuration, context, local } = joining;
  const { emit } = context;
  return {
    install: async (members) => {
      const externalCA = await isExternal(host, 'ca', configuration.cluster.certificatesDir);
      const input = await manifestInput({ ...configuration, externalCA }, host);
      await installEtcd({ local, members }, host, { input, patches, emit });
    },
    uninstall: async ({ ownsData }) => {
      await host.files.remove(manifestPath('etcd'));
      if (!ownsData) {
        const message = `${local.dataDir} was not empty when the join began, so its files are kept.`;
        emit({ type: 'warning', code: 'etcd-data-kept', topic: 'etcd', message });
        return;
      }
      const { criSocket } = configuration.init.nodeRegistration;
      try {
        const ending = { component: 'etcd', criSocket, timeoutMs: endTimeoutMs, topic: 'etcd', emit };
        if (!options.isDryRun) await waitUntilEnded(host, ending);
        await host.files.removeContents(local.dataDir);
      } catch (error) {
        if (!(error instanceof FileError || error instanceof RetryTimeout)) throw error;
        const message = `The data of etcd in ${local.dataDir} is left, and the next try deletes it: ${messageOf(error)}`;
        emit({ type: 'warning', code: 'etcd-data-left', topic: 'etcd', message });
      }
    },
    restart: async () => {
      const { criSocket } = configuration.init.nodeRegistration;
      return await restartContainer(host, { component: 'etcd', criSocket, emit });
    },
    record: async ({ mayBeMember, ownsData }) => {
      if (options.isDryRun) return;
      const member = {
        peerURLs: [peerURLOf(configuration)],
        endpoints: client.endpoints(),
        certificatesDir: configuration.cluster.certificatesDir,
      };
      const withMember = { etcdMember: member, ...(ownsData ? { etcdDataDir: local.dataDir } : {}) };
      const change = (record: JoinRecord): JoinRecord =>
        mayBeMember ? { ...record, ...withMember } : withoutMember(record);
      await changeJoinRecord(host, change, emit);
    },
    takesPeers: async () => options.isDryRun || (await listens(host, peerURLOf(configuration))),
  };
}

/** The directory stays, because some of its data may be left. */
function withoutMember({ etcdMember: _, ...record }: JoinRecord): JoinRecord {
  return record;
}

/** Whether something listens there. etcd answers no request without a client certificate, which is an answer as well. */
async function listens({ net }: Pick<Host, 'net'>, url: string): Promise<boolean> {
  try {
    await net.get(`${url}/version`, { timeoutMs: 1_000, ca: false });
    return true;
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return error.reason !== 'ECONNREFUSED';
  }
}
