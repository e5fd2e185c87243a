/** gRPC is loaded with the first call: most commands never make one. */
import type { CriClient, CriConnect } from '../../clients/cri/cri-client.ts';
import type { EtcdClient, EtcdConnect } from '../../clients/etcd/etcd-client.ts';

export const lazyCri: CriConnect = (endpoint) => {
  let opened: Promise<CriClient> | undefined;
  const open = async (): Promise<CriClient> => {
    opened ??= Promise.all([import('../../clients/cri/client.ts'), import('./grpc-transport.ts')]).then(
      ([{ createCriClient }, { grpcOverSocket }]) =>
        createCriClient(endpoint, grpcOverSocket(endpoint.replace(/^unix:\/\//, ''))),
    );
    return await opened;
  };
  return {
    version: async () => await (await open()).version(),
    conditions: async () => await (await open()).conditions(),
    sandboxImage: async () => await (await open()).sandboxImage(),
    cgroupDriver: async () => await (await open()).cgroupDriver(),
    hasImage: async (image) => await (await open()).hasImage(image),
    pullImage: async (image, options) => await (await open()).pullImage(image, options),
    podSandboxes: async () => await (await open()).podSandboxes(),
    stopPodSandbox: async (id) => await (await open()).stopPodSandbox(id),
    removePodSandbox: async (id) => await (await open()).removePodSandbox(id),
    containers: async () => await (await open()).containers(),
    close: () => void opened?.then((client) => client.close()),
  };
};

export const lazyEtcd: EtcdConnect = (endpoints, tls) => {
  let opened: Promise<EtcdClient> | undefined;
  const open = async (): Promise<EtcdClient> => {
    opened ??= Promise.all([import('../../clients/etcd/client.ts'), import('./grpc-transport.ts')]).then(
      ([{ createEtcdClient }, { grpcOverTls }]) =>
        createEtcdClient(endpoints.map((endpoint) => ({ endpoint, ...grpcOverTls(endpoint, tls) }))),
    );
    return await opened;
  };
  return {
    memberList: async () => await (await open()).memberList(),
    memberRemove: async (id) => await (await open()).memberRemove(id),
    close: () => void opened?.then((client) => client.close()),
  };
};
