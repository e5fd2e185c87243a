import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { refOf } from '../clients/kube/resources.ts';
import { KubeApiError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { formatDuration } from '../lib/go/duration.ts';
import { type RetryClock, RetryTimeout, retry } from '../lib/retry.ts';

/** The time limit for retries of calls to the API server, which is `timeouts.kubernetesAPICall`. */
export interface RetryPolicy {
  readonly clock: RetryClock;
  readonly timeoutMs: number;
  /** The time limit of a call begins when this promise has resolved. By default it begins with the call. */
  readonly limitStart?: Promise<unknown>;
  /** Ends the pauses, and the calls of the functions below. */
  readonly signal?: AbortSignal;
  /** Gets an event when the first try of a call fails, when that wait ends, and for each object that was written. */
  readonly emit?: Emit;
}

export interface ApplyOptions {
  /** Whether to update after `Invalid`, which the server returns for a Service that exists with the same clusterIP. */
  readonly updateInvalid?: boolean;
}

/**
 * Creates the object, or replaces it completely if it exists. Other errors are retried until the time limit of the policy.
 * These include Forbidden, because the server may not have made its own roles yet, and NotFound, because the namespace may
 * not exist yet. BadRequest and Invalid are permanent errors, which fail immediately.
 * Source: util/apiclient/idempotency.go.
 *
 * @returns the object with the fields that the server has set
 */
export async function createOrUpdate(
  client: KubeClient,
  object: KubeObject,
  policy: RetryPolicy,
  options: ApplyOptions = {},
): Promise<KubeObject> {
  const { signal } = policy;
  const written = await retryApiCall(`${describe(object)} to be written`, policy, async () => {
    try {
      return await client.create(object, { signal });
    } catch (error) {
      const exists = hasReason(error, 'AlreadyExists');
      if (!exists && !(options.updateInvalid === true && hasReason(error, 'Invalid'))) throw error;
      return await client.update(withoutVersion(object), { signal });
    }
  });
  reportApplied(object, policy);
  return written;
}

/** Creates the object. If it exists, reads it, changes it and writes it back, and retries after a conflict. */
export async function createOrMutate(
  client: KubeClient,
  object: KubeObject,
  change: (existing: KubeObject) => KubeObject,
  policy: RetryPolicy,
): Promise<KubeObject> {
  const { signal } = policy;
  const written = await retryApiCall(`${describe(object)} to be written`, policy, async () => {
    try {
      return await client.create(object, { signal });
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return await client.update(change(await client.get(refOf(object), { signal })), { signal });
    }
  });
  reportApplied(object, policy);
  return written;
}

/** Creates the object if it does not exist. Does not change an existing one. */
export async function createOrRetain(
  client: KubeClient,
  object: KubeObject,
  policy: RetryPolicy,
): Promise<KubeObject> {
  const { signal } = policy;
  return await retryApiCall(`${describe(object)} to be there`, policy, async () => {
    try {
      return await client.get(refOf(object), { signal });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      return await client.create(object, { signal });
    }
  });
}

/**
 * Calls the API server until a call succeeds. The pauses between calls are short at first. `call` gets the number of the
 * try, which counts from 1. It passes the signal of the policy to the client, so that an interrupted run does not wait for
 * an answer.
 *
 * @throws KubeadmError `timeout` with the purpose and the length of the wait, and the last answer
 */
export async function retryApiCall<T>(
  what: string,
  policy: RetryPolicy,
  call: (tries: number) => Promise<T>,
  giveUp: (error: unknown) => boolean = isPermanent,
): Promise<T> {
  const { clock, emit, signal, timeoutMs } = policy;
  const start = clock.monotonic();
  let waits = false;
  const attempt = async (tries: number): Promise<T> => {
    try {
      return await call(tries);
    } catch (error) {
      if (!waits && !giveUp(error) && signal?.aborted !== true) {
        waits = true;
        emit?.({ type: 'waiting', topic: 'api', for: what, timeoutMs });
      }
      throw error;
    }
  };
  const done = (): void => {
    if (waits) emit?.({ type: 'waited', topic: 'api', for: what, milliseconds: clock.monotonic() - start });
  };
  try {
    const result = await retry(attempt, { ...policy, what, giveUp });
    done();
    return result;
  } catch (error) {
    // A permanent error ends the wait, because the server has answered.
    if (giveUp(error) && signal?.aborted !== true) done();
    if (!(error instanceof RetryTimeout)) throw error;
    // The limit may have begun after the first try, so the message has the elapsed time.
    const elapsed = Math.floor(error.milliseconds / 1000) * 1000;
    const { limitStart, timeoutMs: limit } = policy;
    const waited = formatDuration(limitStart === undefined ? limit : Math.max(limit, elapsed));
    throw new KubeadmError('timeout', `waited ${waited} for ${what}: ${messageOf(error.cause)}`, {
      cause: error.cause,
      hint: 'The limit is timeouts.kubernetesAPICall of the configuration.',
      details: { waitedFor: what, timeoutMs: policy.timeoutMs, tries: error.tries },
    });
  }
}

export function hasReason(error: unknown, reason: string): boolean {
  return error instanceof KubeApiError && error.reason === reason;
}

/** Whether the server has read the request and will never accept it. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof KubeApiError) return [400, 405, 413, 415, 422].includes(error.status);
  return error instanceof KubeadmError && error.code === 'internal';
}

function reportApplied({ kind, metadata }: KubeObject, { emit }: RetryPolicy): void {
  const { name, namespace } = metadata;
  emit?.({ type: 'object-applied', kind, name, ...(namespace === undefined ? {} : { namespace }) });
}

function withoutVersion(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function describe(object: KubeObject): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
