import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { refOf } from '../clients/kube/resources.ts';
import { KubeApiError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { formatDuration } from '../lib/go/duration.ts';
import { type RetryClock, RetryTimeout, retry } from '../lib/retry.ts';

/** How long calls to the API server are tried again: `timeouts.kubernetesAPICall`. */
export interface RetryPolicy {
  readonly clock: RetryClock;
  readonly timeoutMs: number;
  /** The time limit of a call begins when this has resolved; by default it begins with the call. */
  readonly limitStart?: Promise<unknown>;
  readonly signal?: AbortSignal;
  /** Gets an event when a call is not accepted at once, when that wait ends, and for each object that was written. */
  readonly emit?: Emit;
}

export interface ApplyOptions {
  /** Update after `Invalid`, too: so the server refuses a Service whose clusterIP is taken by itself. */
  readonly updateInvalid?: boolean;
}

/**
 * Creates the object; where it exists, replaces it whole. Other errors are tried again until the time
 * of the policy ends, among them Forbidden (the server's own roles may be missing still) and NotFound (so may the
 * namespace). What the server will never accept (BadRequest, Invalid) fails at once.
 * Source: util/apiclient/idempotency.go.
 *
 * @returns the object as the server has it
 */
export async function createOrUpdate(
  client: KubeClient,
  object: KubeObject,
  policy: RetryPolicy,
  options: ApplyOptions = {},
): Promise<KubeObject> {
  const written = await retryApiCall(`${describe(object)} to be written`, policy, async () => {
    try {
      return await client.create(object);
    } catch (error) {
      const exists = hasReason(error, 'AlreadyExists');
      if (!exists && !(options.updateInvalid === true && hasReason(error, 'Invalid'))) throw error;
      return await client.update(withoutVersion(object));
    }
  });
  reportApplied(object, policy);
  return written;
}

/** Creates the object; where it exists, reads it, changes it and writes it back, again after a conflict. */
export async function createOrMutate(
  client: KubeClient,
  object: KubeObject,
  change: (existing: KubeObject) => KubeObject,
  policy: RetryPolicy,
): Promise<KubeObject> {
  const written = await retryApiCall(`${describe(object)} to be written`, policy, async () => {
    try {
      return await client.create(object);
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return await client.update(change(await client.get(refOf(object))));
    }
  });
  reportApplied(object, policy);
  return written;
}

/** Creates the object where there is none; an existing one stays as it is. */
export async function createOrRetain(
  client: KubeClient,
  object: KubeObject,
  policy: RetryPolicy,
): Promise<KubeObject> {
  return await retryApiCall(`${describe(object)} to be there`, policy, async () => {
    try {
      return await client.get(refOf(object));
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      return await client.create(object);
    }
  });
}

/**
 * Calls the API server until it accepts, with short pauses at first. The first call gets 1, the next one 2.
 *
 * @throws KubeadmError `timeout` that names what was waited for, how long, and the last answer
 */
export async function retryApiCall<T>(
  what: string,
  policy: RetryPolicy,
  call: (tries: number) => Promise<T>,
  giveUp: (error: unknown) => boolean = isPermanent,
): Promise<T> {
  const { clock, emit, timeoutMs } = policy;
  const start = clock.monotonic();
  let waits = false;
  const attempt = async (tries: number): Promise<T> => {
    try {
      return await call(tries);
    } catch (error) {
      if (!waits && !giveUp(error)) {
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
    // The server has answered, only otherwise.
    if (giveUp(error)) done();
    if (!(error instanceof RetryTimeout)) throw error;
    // A limit that began after the first try says little about how long the call was tried.
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

/** The server has read the request and will never accept it. */
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
