/** Downloads with retries. Each one continues the last one. The file exists only with the right checksum. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { sha256Of } from './checksum.ts';
import { ComponentsError } from './errors.ts';
import { type GetOptions, get } from './http.ts';

export interface Limits {
  /** The time without a byte after which a try ends. */
  readonly stallMs: number;
  /** The number of tries in a row without a byte. */
  readonly tries: number;
  /** The pause before the second try. It doubles before each further one. */
  readonly pauseMs: number;
  /** The time for all tries of one file. */
  readonly deadlineMs: number;
}

export const defaultLimits: Limits = { stallMs: 30_000, tries: 5, pauseMs: 1000, deadlineMs: 3_600_000 };

export interface DownloadOptions extends Omit<GetOptions, 'headers' | 'stallMs'> {
  readonly limits?: Limits | undefined;
  /** The bytes of the file that have come, and the size of the file if the server reports it. */
  readonly onProgress?: (received: number, total: number | undefined) => void;
}

export interface FileOrder {
  readonly url: string;
  readonly target: string;
  /** The checksum in hex, in small letters. */
  readonly sha256: string;
  /** The origin of the checksum, for error messages. */
  readonly statedBy: string;
}

/** The path of the part of `target`. Its name begins with a dot, so that it is not mistaken for the file. */
export function partialPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.part`);
}

/**
 * Puts the file at `target`. An HTTP range request continues the part of a download that was cut off. If the server has
 * no ranges, or the checksum is wrong, the download starts again.
 * @throws ComponentsError with the URL if the file is missing, not reachable, too slow, or has another checksum.
 */
export async function downloadFile(order: FileOrder, options: DownloadOptions = {}): Promise<void> {
  const partial = partialPath(order.target);
  await mkdir(dirname(partial), { recursive: true });
  const pieced = await receive(order.url, partial, options);
  let found = await sha256Of(partial);
  if (found !== order.sha256 && pieced) {
    // The first part can belong to another file than the rest.
    await rm(partial);
    await receive(order.url, partial, options);
    found = await sha256Of(partial);
  }
  if (found === order.sha256) return rename(partial, order.target);
  await rm(partial);
  throw new ComponentsError(
    `${order.url} is not the expected file\n  expected sha256 ${order.sha256} (${order.statedBy})\n  got      sha256 ${found}`,
    {
      hint:
        'It was deleted. Start again. If it is wrong again, a proxy or mirror changes it, ' +
        'or the checksum is wrong. Then do not use the file.',
    },
  );
}

/**
 * Returns a small text.
 * @throws ComponentsError in the same cases as downloadFile.
 */
export async function downloadText(url: string, options: DownloadOptions = {}): Promise<string> {
  let text = '';
  await persist(url, options, async (signal, stallMs) => {
    text = '';
    const response = await get(url, { ...options, signal, stallMs });
    requireStatus(response, url, [200]);
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > 1_000_000)
        throw new ComponentsError(`${url} is not a list of checksums: it is larger than 1 MB`);
    }
    return 0;
  });
  return text;
}

/** Resolves with whether the file has parts of more than one answer. */
async function receive(url: string, partial: string, options: DownloadOptions): Promise<boolean> {
  let pieced = false;
  await persist(
    url,
    options,
    async (signal, stallMs) => {
      const had = await sizeOf(partial);
      pieced = had > 0;
      const headers = had > 0 ? { range: `bytes=${had}-` } : {};
      const response = await get(url, { ...options, headers, signal, stallMs });
      if (response.statusCode === 416) {
        response.destroy();
        const total = Number(/\/(\d+)$/.exec(response.headers['content-range'] ?? '')?.[1]);
        if (total === had) return 0;
        await rm(partial);
        throw new Error('the server does not continue the part that has come');
      }
      requireStatus(response, url, had > 0 ? [200, 206] : [200]);
      await append(response, { partial, had, signal, options });
      return 0;
    },
    () => sizeOf(partial),
  );
  return pieced;
}

async function append(
  response: IncomingMessage,
  {
    partial,
    had,
    signal,
    options,
  }: {
    readonly partial: string;
    readonly had: number;
    readonly signal: AbortSignal;
    readonly options: DownloadOptions;
  },
): Promise<void> {
  const range = response.headers['content-range'] ?? '';
  if (response.statusCode === 206 && !range.startsWith(`bytes ${had}-`)) {
    response.destroy();
    await rm(partial);
    throw new Error(`the server answered with the range ${range}, which does not begin at ${had}`);
  }
  const start = response.statusCode === 206 ? had : 0;
  const length = response.headers['content-length'];
  const total = length === undefined ? undefined : start + Number(length);
  let received = start;
  await pipeline(
    response,
    async function* counted(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        received += chunk.length;
        options.onProgress?.(received, total);
        yield chunk;
      }
    },
    createWriteStream(partial, { flags: start > 0 ? 'a' : 'w', flush: true }),
    { signal },
  );
}

/** Repeats `attempt` until it succeeds. Progress resets the number of tries. */
async function persist(
  url: string,
  { signal, limits = defaultLimits }: DownloadOptions,
  attempt: (signal: AbortSignal, stallMs: number) => Promise<unknown>,
  sizeNow: () => Promise<number> = async () => 0,
): Promise<void> {
  const deadline = AbortSignal.timeout(limits.deadlineMs);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  let fruitless = 0;
  for (;;) {
    const before = await sizeNow();
    try {
      await attempt(either, limits.stallMs);
      return;
    } catch (error) {
      if (signal?.aborted === true) throw new ComponentsError(`the download of ${url} was aborted`);
      const size = await sizeNow();
      if (deadline.aborted) throw tooSlow(url, limits.deadlineMs, size);
      if (isFinal(error)) throw finalError(url, error);
      fruitless = size > before ? 0 : fruitless + 1;
      if (fruitless >= limits.tries) throw unreachable(url, { tries: fruitless, size, error });
    }
    await sleep(limits.pauseMs * 2 ** Math.max(0, fruitless - 1), undefined, { signal: either }).catch(
      () => {},
    );
  }
}

function requireStatus(response: IncomingMessage, url: string, good: readonly number[]): void {
  const { statusCode = 0 } = response;
  if (good.includes(statusCode)) return;
  response.destroy();
  const text = `the server answered ${statusCode} ${response.statusMessage ?? ''}`.trimEnd();
  if (statusCode >= 500 || statusCode === 408 || statusCode === 429) throw new Error(text);
  throw new ComponentsError(`${url}: ${text}`, {
    hint:
      statusCode === 404
        ? 'The release or the mirror does not have this file. Check the version and COMPONENTS_MIRROR.'
        : 'Check whether a proxy or mirror needs a login.',
  });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const certificateCodes = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/;

function isFinal(error: unknown): boolean {
  if (error instanceof ComponentsError) return true;
  return (
    certificateCodes.test(codeOf(error)) || ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'].includes(codeOf(error))
  );
}

function finalError(url: string, error: unknown): unknown {
  if (error instanceof ComponentsError) return error;
  const hint = certificateCodes.test(codeOf(error))
    ? "The server's certificate is not trusted here. Behind a proxy with an authority of its own: NODE_EXTRA_CA_CERTS=FILE."
    : 'Correct this and start again. The download continues.';
  return new ComponentsError(`${url}: ${reason(error)}`, { hint, cause: error });
}

function unreachable(
  url: string,
  { tries, size, error }: { readonly tries: number; readonly size: number; readonly error: unknown },
): ComponentsError {
  return new ComponentsError(`${url} could not be downloaded, tried ${tries} times: ${reason(error)}`, {
    hint: `Check the network and HTTPS_PROXY, then start again${kept(size)}.`,
    cause: error,
  });
}

function tooSlow(url: string, deadlineMs: number, size: number): ComponentsError {
  return new ComponentsError(`${url} was not complete after ${deadlineMs / 1000} s`, {
    hint: `Use a nearer mirror (COMPONENTS_MIRROR), or start again${kept(size)}.`,
  });
}

function kept(size: number): string {
  return size > 0 ? `: it continues after ${(size / 1e6).toFixed(1)} MB` : '';
}

/** Node's error for several addresses has an empty message, and contains the single errors. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
