/** Sends calls to the endpoints of etcd: to one of them, or to the first that answers. */
import type { Transport } from '@connectrpc/connect';

import { EtcdError } from '../../errors.ts';
import { isForAnotherMember } from './answers.ts';
import type { EtcdCallOptions } from './etcd-client.ts';
import { etcdError } from './etcd-error.ts';

const timeoutMs = 2000;

export interface EtcdConnection {
  readonly transport: Transport;
  readonly close: () => void;
}

/** A call of etcd. Errors show the name. */
export interface EtcdCall<T> {
  readonly name: string;
  readonly send: (transport: Transport, options: { timeoutMs: number; signal?: AbortSignal }) => Promise<T>;
}

export interface EndpointCalls {
  /** @throws EtcdError; the signal's reason */
  readonly at: <T>(endpoint: string, call: EtcdCall<T>, options?: EtcdCallOptions) => Promise<T>;
  /**
   * Tries the endpoint that answered last, and then the others in their order.
   *
   * @throws EtcdError with the failures of all endpoints; the signal's reason
   */
  readonly first: <T>(
    endpoints: readonly string[],
    call: EtcdCall<T>,
    options?: EtcdCallOptions,
  ) => Promise<T>;
  readonly close: () => void;
}

/** @param open connects to an endpoint on its first use; it throws EtcdError */
export function endpointCalls(open: (endpoint: string) => EtcdConnection): EndpointCalls {
  let lastAnswered: string | undefined;
  const connections = new Map<string, EtcdConnection>();
  const connectionTo = (endpoint: string): EtcdConnection => {
    const connection = connections.get(endpoint) ?? open(endpoint);
    connections.set(endpoint, connection);
    return connection;
  };
  const at: EndpointCalls['at'] = async (endpoint, { name, send }, { signal } = {}) => {
    signal?.throwIfAborted();
    const { transport } = connectionTo(endpoint);
    try {
      return await send(transport, signal === undefined ? { timeoutMs } : { timeoutMs, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw etcdError(endpoint, name, error);
    }
  };
  return {
    at,
    first: async (endpoints, call, options) => {
      const failures: EtcdError[] = [];
      for (const endpoint of startingWith(lastAnswered, endpoints)) {
        try {
          const result = await at(endpoint, call, options);
          lastAnswered = endpoint;
          return result;
        } catch (error) {
          if (!(error instanceof EtcdError) || !isForAnotherMember(error)) throw error;
          failures.push(error);
        }
      }
      throw allFailed(failures);
    },
    close: () => {
      for (const { close } of connections.values()) close();
    },
  };
}

function startingWith(preferred: string | undefined, endpoints: readonly string[]): readonly string[] {
  if (preferred === undefined || !endpoints.includes(preferred)) return endpoints;
  return [preferred, ...endpoints.filter((endpoint) => endpoint !== preferred)];
}

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
