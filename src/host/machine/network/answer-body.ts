/** Bodies of answers, read within limits. */
import type { IncomingMessage } from 'node:http';

import { NetError } from '../../../errors.ts';
import { netError } from './net-error.ts';

/**
 * @throws Error with code EMSGSIZE if the body is larger than the limit; the rest is not read. The signal's reason, even if
 *   the body then looks complete because the end of the connection is its end.
 */
export async function textOf(
  response: IncomingMessage,
  maximumBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    const bytes = Buffer.from(part as Uint8Array);
    size += bytes.length;
    if (size > maximumBytes) {
      response.destroy();
      const message = `the answer is larger than ${sizeText(maximumBytes)}`;
      throw Object.assign(new Error(message), { code: 'EMSGSIZE' });
    }
    parts.push(bytes);
  }
  signal.throwIfAborted();
  return Buffer.concat(parts).toString();
}

/** The error for an answer that has begun, but did not end in time. */
export function incomplete(url: string, timeoutMs: number, cause: unknown): NetError {
  const message = `${url}: the answer was not complete within ${timeoutMs / 1000} s`;
  return new NetError(message, 'EINCOMPLETE', { cause });
}

interface StreamOptions {
  /** For messages. */
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
  /** Longest time between two pieces. */
  readonly silenceMs?: number | undefined;
}

/** Yields the text in pieces as they arrive. Ends without an error if the signal is aborted. */
export async function* piecesOf(
  response: IncomingMessage,
  { url, signal, silenceMs }: StreamOptions,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let silent = false;
  const watchdog =
    silenceMs === undefined
      ? undefined
      : setTimeout(() => {
          silent = true;
          response.destroy(new Error('silent'));
        }, silenceMs);
  try {
    for await (const part of response) {
      watchdog?.refresh();
      yield decoder.decode(part as Uint8Array, { stream: true });
      watchdog?.refresh();
    }
  } catch (error) {
    if (signal?.aborted === true) return;
    if (!silent) throw netError(url, error);
    throw new NetError(`${url}: nothing came for ${(silenceMs ?? 0) / 1000} s`, 'ETIMEDOUT', {
      cause: error,
    });
  } finally {
    clearTimeout(watchdog);
    response.destroy();
  }
}

function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)} MiB` : `${bytes} bytes`;
}
