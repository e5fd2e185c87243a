/** EtcdClient over gRPC transports, one for each endpoint. */
import { EtcdError } from '../../errors.ts';
import { answers } from './answers.ts';
import { addingLearner, askingStatus, listing, promoting, removing } from './cluster-calls.ts';
import { type EtcdConnection, endpointCalls } from './endpoint-calls.ts';
import { type EtcdClient, type MemberListOptions, votingEndpoints } from './etcd-client.ts';

/** @param open connects to an endpoint on its first use; it throws EtcdError */
export function createEtcdClient(
  initial: readonly string[],
  open: (endpoint: string) => EtcdConnection,
): EtcdClient {
  const { at, close, first } = endpointCalls(open);
  let endpoints = initial;
  const memberList = async ({ linearizable = true, ...options }: MemberListOptions = {}) =>
    await first(endpoints, listing(linearizable), options);
  return {
    endpoints: () => endpoints,
    sync: async (options) => {
      const voting = votingEndpoints(await memberList(options));
      if (voting.length > 0) endpoints = voting;
      return endpoints;
    },
    memberList,
    memberAddAsLearner: async (peerURL, options) => await first(endpoints, addingLearner(peerURL), options),
    memberPromote: async (id, options) => {
      try {
        await first(endpoints, promoting(id), options);
      } catch (error) {
        if (!(error instanceof EtcdError) || error.answer !== answers.alreadyVoting) throw error;
      }
    },
    memberRemove: async (id, options) => await first(endpoints, removing(id), options),
    status: async (endpoint, options) => await at(endpoint, askingStatus, options),
    close,
  };
}
