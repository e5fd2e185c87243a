/** EtcdClient over gRPC transports, one for each endpoint: the first that answers is used. */
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';

import { EtcdError } from '../../errors.ts';
import type { EtcdClient, EtcdMember } from './etcd-client.ts';
import { Cluster, type Member } from './generated/etcd_pb.ts';

const timeoutMs = 2000;

export interface EtcdConnection {
  readonly endpoint: string;
  readonly transport: Transport;
  readonly close: () => void;
}

export function createEtcdClient(connections: readonly EtcdConnection[]): EtcdClient {
  const first = async <T>(call: string, work: (transport: Transport) => Promise<T>): Promise<T> => {
    let last: EtcdError | undefined;
    for (const { endpoint, transport } of connections) {
      try {
        return await work(transport);
      } catch (error) {
        last = etcdError(endpoint, call, error);
        if (last.grpcCode !== 'unavailable' && last.grpcCode !== 'deadline_exceeded') throw last;
      }
    }
    throw last ?? new EtcdError('invalid_argument', 'no endpoint of etcd was given');
  };
  return {
    memberList: async () =>
      await first('MemberList', async (transport) =>
        (
          await createClient(Cluster, transport).memberList({ linearizable: true }, { timeoutMs })
        ).members.map(memberOf),
      ),
    memberRemove: async (id) =>
      await first('MemberRemove', async (transport) =>
        (
          await createClient(Cluster, transport).memberRemove({ ID: BigInt(`0x${id}`) }, { timeoutMs })
        ).members.map(memberOf),
      ),
    close: () => {
      for (const { close } of connections) close();
    },
  };
}

function memberOf({ ID, name, peerURLs, clientURLs, isLearner }: Member): EtcdMember {
  return { id: ID.toString(16), name, peerURLs, clientURLs, isLearner };
}

function etcdError(endpoint: string, call: string, error: unknown): EtcdError {
  const found = ConnectError.from(error);
  const absent = /ENOENT|ECONNREFUSED|EHOSTUNREACH|ECONNRESET/.test(
    `${found.rawMessage} ${String(found.cause)}`,
  );
  const code = absent ? 'unavailable' : Code[found.code].replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return new EtcdError(code, `${call} of etcd at ${endpoint}: ${found.rawMessage} (${code})`, {
    cause: error,
  });
}
