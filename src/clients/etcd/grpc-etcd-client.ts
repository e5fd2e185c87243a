/** EtcdClient over gRPC transports, one for each endpoint. */
import { ConnectError, createClient, type Transport } from '@connectrpc/connect';

import { EtcdError } from '../../errors.ts';
import { answers, isForAnotherMember } from './answers.ts';
import {
  type EtcdCallOptions,
  type EtcdClient,
  type EtcdMember,
  type MemberListOptions,
  votingEndpoints,
} from './etcd-client.ts';
import { etcdError } from './etcd-error.ts';
import { Cluster, Maintenance, type Member } from './generated/etcd_pb.ts';

const timeoutMs = 2000;

interface EtcdConnection {
  readonly transport: Transport;
  readonly close: () => void;
}

type Call<T> = (transport: Transport, options: { timeoutMs: number; signal?: AbortSignal }) => Promise<T>;

/** @param open connects to an endpoint on its first use; it throws EtcdError */
export function createEtcdClient(
  given: readonly string[],
  open: (endpoint: string) => EtcdConnection,
): EtcdClient {
  let endpoints = given;
  let lastAnswered: string | undefined;
  const connections = new Map<string, EtcdConnection>();
  const connectionTo = (endpoint: string): EtcdConnection => {
    const connection = connections.get(endpoint) ?? open(endpoint);
    connections.set(endpoint, connection);
    return connection;
  };

  const at = async <T>(
    endpoint: string,
    name: string,
    work: Call<T>,
    { signal }: EtcdCallOptions = {},
  ): Promise<T> => {
    signal?.throwIfAborted();
    const { transport } = connectionTo(endpoint);
    try {
      return await work(transport, signal === undefined ? { timeoutMs } : { timeoutMs, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw etcdError(endpoint, name, error);
    }
  };

  const first = async <T>(name: string, work: Call<T>, options?: EtcdCallOptions): Promise<T> => {
    const failures: EtcdError[] = [];
    for (const endpoint of startingWith(lastAnswered, endpoints)) {
      try {
        const result = await at(endpoint, name, work, options);
        lastAnswered = endpoint;
        return result;
      } catch (error) {
        if (!(error instanceof EtcdError) || !isForAnotherMember(error)) throw error;
        failures.push(error);
      }
    }
    throw allFailed(failures);
  };

  const memberList = async ({ linearizable = true, ...options }: MemberListOptions = {}) =>
    await first('MemberList', listing(linearizable), options);

  return {
    endpoints: () => endpoints,
    sync: async (options) => {
      const voting = votingEndpoints(await memberList(options));
      if (voting.length > 0) endpoints = voting;
      return endpoints;
    },
    memberList,
    memberAddAsLearner: async (peerURL, options) =>
      await first(
        'MemberAdd',
        async (transport, callOptions) => {
          const withURL = async () =>
            (await listOnce(transport, callOptions)).find(({ peerURLs }) => peerURLs.includes(peerURL));
          const known = await withURL();
          if (known !== undefined) return known;
          try {
            const request = { peerURLs: [peerURL], isLearner: true };
            const { member } = await createClient(Cluster, transport).memberAdd(request, callOptions);
            if (member !== undefined) return memberOf(member);
            throw new Error('the answer holds no member');
          } catch (error) {
            const exists = ConnectError.from(error).rawMessage === answers.peerURLExists;
            const added = exists ? await withURL() : undefined;
            if (added !== undefined) return added;
            throw error;
          }
        },
        options,
      ),
    memberPromote: async (id, options) => {
      try {
        await first(
          'MemberPromote',
          async (transport, callOptions) =>
            await createClient(Cluster, transport).memberPromote({ ID: idOf(id) }, callOptions),
          options,
        );
      } catch (error) {
        if (!(error instanceof EtcdError) || error.answer !== answers.alreadyVoting) throw error;
      }
    },
    memberRemove: async (id, options) =>
      await first(
        'MemberRemove',
        async (transport, callOptions) =>
          (await createClient(Cluster, transport).memberRemove({ ID: idOf(id) }, callOptions)).members.map(
            memberOf,
          ),
        options,
      ),
    status: async (endpoint, options) =>
      await at(
        endpoint,
        'Status',
        async (transport, callOptions) => {
          const found = await createClient(Maintenance, transport).status({}, callOptions);
          return {
            memberId: (found.header?.memberId ?? 0n).toString(16),
            version: found.version,
            leader: found.leader === 0n ? undefined : found.leader.toString(16),
            isLearner: found.isLearner,
            errors: found.errors,
          };
        },
        options,
      ),
    close: () => {
      for (const { close } of connections.values()) close();
    },
  };
}

function startingWith(preferred: string | undefined, endpoints: readonly string[]): readonly string[] {
  if (preferred === undefined || !endpoints.includes(preferred)) return endpoints;
  return [preferred, ...endpoints.filter((endpoint) => endpoint !== preferred)];
}

const listing =
  (linearizable: boolean): Call<readonly EtcdMember[]> =>
  async (transport, options) =>
    (await createClient(Cluster, transport).memberList({ linearizable }, options)).members.map(memberOf);

const listOnce = listing(true);

/** Merges the failures of all endpoints: the result is the last error, with the others in its text. */
function allFailed(failures: readonly EtcdError[]): EtcdError {
  const last = failures.at(-1);
  if (last === undefined) return new EtcdError('invalid_argument', 'no endpoint of etcd was given');
  if (failures.length === 1) return last;
  return new EtcdError(last.grpcCode, failures.map(({ message }) => message).join('; '), {
    cause: last,
    ...(last.answer === undefined ? {} : { answer: last.answer }),
  });
}

/** @throws EtcdError */
function idOf(id: string): bigint {
  if (/^[0-9a-f]{1,16}$/.test(id)) return BigInt(`0x${id}`);
  throw new EtcdError(
    'invalid_argument',
    `the etcd member id ${JSON.stringify(id)} is not a hexadecimal number`,
  );
}

function memberOf({ ID, name, peerURLs, clientURLs, isLearner }: Member): EtcdMember {
  return { id: ID.toString(16), name, peerURLs, clientURLs, isLearner };
}
