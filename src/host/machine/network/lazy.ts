/** Loads gRPC with the first call, because most commands never make one. */
import type { CriClient, CriConnect } from '../../../clients/cri/cri-client.ts';
import { socketPath } from '../../../clients/cri/socket-path.ts';
import type { EtcdClient, EtcdConnect } from '../../../clients/etcd/etcd-client.ts';
import { EtcdError } from '../../../errors.ts';

export const lazyCri: CriConnect = (endpoint) => {
  let opened: Promise<CriClient> | undefined;
  const open = async (): Promise<CriClient> => {
    opened ??= Promise.all([
      import('../../../clients/cri/grpc-cri-client.ts'),
      import('./grpc-transport.ts'),
    ]).then(([{ createCriClient }, { grpcOverSocket }]) =>
      createCriClient(endpoint, grpcOverSocket(socketPath(endpoint))),
    );
    return await opened;
  };
  return {
    version: async (options) => await (await open()).version(options),
    conditions: async (options) => await (await open()).conditions(options),
    sandboxImage: async (options) => await (await open()).sandboxImage(options),
    settings: async (options) => await (await open()).settings(options),
    cgroupDriver: async (options) => await (await open()).cgroupDriver(options),
    hasImage: async (image, options) => await (await open()).hasImage(image, options),
    pullImage: async (image, options) => await (await open()).pullImage(image, options),
    podSandboxes: async (options) => await (await open()).podSandboxes(options),
    stopPodSandbox: async (id, options) => await (await open()).stopPodSandbox(id, options),
    removePodSandbox: async (id, options) => await (await open()).removePodSandbox(id, options),
    containers: async (options) => await (await open()).containers(options),
    stopContainer: async (id, options) => await (await open()).stopContainer(id, options),
    close: () => closeLater(opened),
  };
};

export const lazyEtcd: EtcdConnect = (endpoints, tls) => {
  let opened: Promise<EtcdClient> | undefined;
  const open = async (): Promise<EtcdClient> => {
    opened ??= Promise.all([
      import('../../../clients/etcd/grpc-etcd-client.ts'),
      import('./grpc-transport.ts'),
    ]).then(([{ createEtcdClient }, { grpcOverTls }]) =>
      createEtcdClient(endpoints.map(checked), (endpoint) => grpcOverTls(checked(endpoint), tls)),
    );
    return await opened;
  };
  let synced = endpoints;
  return {
    endpoints: () => synced,
    sync: async (options) => {
      synced = await (await open()).sync(options);
      return synced;
    },
    memberList: async (options) => await (await open()).memberList(options),
    memberAddAsLearner: async (peerURL, options) => await (await open()).memberAddAsLearner(peerURL, options),
    memberPromote: async (id, options) => await (await open()).memberPromote(id, options),
    memberRemove: async (id, options) => await (await open()).memberRemove(id, options),
    status: async (endpoint, options) => await (await open()).status(endpoint, options),
    close: () => closeLater(opened),
  };
};

/** @throws EtcdError */
function checked(endpoint: string): string {
  if (URL.canParse(endpoint)) return endpoint;
  throw new EtcdError('invalid_argument', `the etcd endpoint ${JSON.stringify(endpoint)} is not a URL`, {
    hint: 'An endpoint is written like https://10.0.0.5:2379.',
  });
}

/** Ignores a client that could not be opened, because the caller already has the error. */
function closeLater(opened: Promise<{ readonly close: () => void }> | undefined): void {
  opened?.then(
    (client) => client.close(),
    () => undefined,
  );
}
