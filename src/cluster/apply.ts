import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { refOf } from '../clients/kube/resources.ts';
import { KubeApiError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { formatDuration } from '../lib/go/duration.ts';
import { type RetryClock, RetryTimeout, retry } from '../lib/retry.ts';

/** How long calls to the API server are tried again: `timeouts.kubernetesAPICall`. */
export interface Patience {
  readonly clock: RetryClock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Gets an event when a call is not accepted at once, when that wait ends, and for each object that was written. */
  readonly emit?: Emit;
}

export interface ApplyOptions {
  /** Update after `Invalid`, too: so the server refuses a Service whose clusterIP is taken by itself. */
  readonly updateInvalid?: boolean;
}

/**
 * Creates the object; where it exists, replaces it whole. Other errors are tried again until the patience
 * ends, among them Forbidden (the server's own roles may be missing still) and NotFound (so may the
 * namespace). What the server will never accept (BadRequest, Invalid) fails at once.
 * Source: util/apiclient/idempotency.go.
 *
 * @returns the object as the server has it
 */
export async function createOrUpdate(
  client: KubeClient,
  object: KubeObject,
  patience: Patience,
  options: ApplyOptions = {},
): Promise<KubeObject> {
  const written = await patiently(`${describe(object)} to be written`, patience, async () => {
    try {
      return await client.create(object);
    } catch (error) {
      const exists = hasReason(error, 'AlreadyExists');
      if (!exists && !(options.updateInvalid === true && hasReason(error, 'Invalid'))) throw error;
      return await client.update(withoutVersion(object));
    }
  });
  reportApplied(object, patience);
  return written;
}

/** Creates the object; where it exists, reads it, changes it and writes it back, again after a conflict. */
export async function createOrMutate(
  client: KubeClient,
  object: KubeObject,
  change: (existing: KubeObject) => KubeObject,
  patience: Patience,
): Promise<KubeObject> {
  const written = await patiently(`${describe(object)} to be written`, patience, async () => {
    try {
      return await client.create(object);
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return await client.update(change(await client.get(refOf(object))));
    }
  });
  reportApplied(object, patience);
  return written;
}

/** Creates the object where there is none; an existing one stays as it is. */
export async function createOrRetain(
  client: KubeClient,
  object: KubeObject,
  patience: Patience,
): Promise<KubeObject> {
  return await patiently(`${describe(object)} to be there`, patience, async () => {
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
export async function patiently<T>(
  what: string,
  patience: Patience,
  call: (tries: number) => Promise<T>,
  giveUp: (error: unknown) => boolean = isHopeless,
): Promise<T> {
  const { clock, emit, timeoutMs } = patience;
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
    const result = await retry(attempt, { ...patience, what, giveUp });
    done();
    return result;
  } catch (error) {
    // The server has answered, only otherwise.
    if (giveUp(error)) done();
    if (!(error instanceof RetryTimeout)) throw error;
    const limit = formatDuration(patience.timeoutMs);
    throw new KubeadmError('timeout', `waited ${limit} for ${what}: ${messageOf(error.cause)}`, {
      cause: error.cause,
      hint: 'The limit is timeouts.kubernetesAPICall of the configuration.',
      details: { waitedFor: what, timeoutMs: patience.timeoutMs, tries: error.tries },
    });
  }
}

export function hasReason(error: unknown, reason: string): boolean {
  return error instanceof KubeApiError && error.reason === reason;
}

/** The server has read the request and will never accept it. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof KubeApiError) return [400, 405, 413, 415, 422].includes(error.status);
  return error instanceof KubeadmError && error.code === 'internal';
}

function reportApplied({ kind, metadata }: KubeObject, { emit }: Patience): void {
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
