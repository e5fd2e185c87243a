/** Downloads with retries, each going on where the last one ended; the file is there only when it is right. */
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
  /** So long without a byte ends a try. */
  readonly stallMs: number;
  /** Tries one after the other that bring nothing. */
  readonly tries: number;
  /** Before the second try; doubled before each further one. */
  readonly pauseMs: number;
  /** For one file, all tries together. */
  readonly deadlineMs: number;
}

export const defaultLimits: Limits = { stallMs: 30_000, tries: 5, pauseMs: 1000, deadlineMs: 3_600_000 };

export interface DownloadOptions extends Omit<GetOptions, 'headers' | 'stallMs'> {
  readonly limits?: Limits | undefined;
  /** Bytes of the file that are here, and of all of it where the server says so. */
  readonly onProgress?: (received: number, total: number | undefined) => void;
}

export interface FileOrder {
  readonly url: string;
  readonly target: string;
  /** In hex, small letters. */
  readonly sha256: string;
  /** Where that checksum stands, for the message of a wrong one. */
  readonly statedBy: string;
}

/** Where the part of `target` that has come is kept: a dot in front, so that nothing takes it for the file. */
export function partialPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.part`);
}

/**
 * Puts the file at `target`. A part that a cut-off download left is gone on from, by an HTTP range; where the server
 * has none, or the whole turns out wrong, it starts anew.
 * @throws ComponentsError with the URL: not there, not reachable, too slow, or not the expected checksum.
 */
export async function downloadFile(order: FileOrder, options: DownloadOptions = {}): Promise<void> {
  const partial = partialPath(order.target);
  await mkdir(dirname(partial), { recursive: true });
  const pieced = await receive(order.url, partial, options);
  let found = await sha256Of(partial);
  if (found !== order.sha256 && pieced) {
    // The first part may be of another file than the rest.
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
        'It was deleted. Start again; if it stays wrong, a proxy or mirror on the way changes it, ' +
        'or the checksum is wrong: do not use the file.',
    },
  );
}

/**
 * A small text.
 * @throws ComponentsError as downloadFile does.
 */
export async function downloadText(url: string, options: DownloadOptions = {}): Promise<string> {
  let text = '';
  await persist(url, options, async (signal, stallMs) => {
    text = '';
    const response = await get(url, { ...options, signal, stallMs });
    requireStatus(response, url, [200]);
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > 1_000_000) throw new ComponentsError(`${url} is no list of checksums: over 1 MB`);
    }
    return 0;
  });
  return text;
}

/** Resolves with whether the file was put together from more than one answer. */
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
        throw new Error('the server does not go on from the part that is here');
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
    throw new Error(`the server answered with another range (${range}) than from ${had} on`);
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

/** Repeats `attempt` until it succeeds; what has come counts as progress and gives it all tries again. */
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
      if (signal?.aborted === true) throw new ComponentsError(`the download of ${url} was broken off`);
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
        ? 'The release has no such file, or the mirror does not have it: look at the version and at COMPONENTS_MIRROR.'
        : 'Look at whether a proxy or mirror on the way wants a login.',
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
    : 'Mend that and start again: it goes on from what has come.';
  return new ComponentsError(`${url}: ${reason(error)}`, { hint, cause: error });
}

function unreachable(
  url: string,
  { tries, size, error }: { readonly tries: number; readonly size: number; readonly error: unknown },
): ComponentsError {
  return new ComponentsError(`${url} could not be downloaded, tried ${tries} times: ${reason(error)}`, {
    hint: `Look at the network and at HTTPS_PROXY, then start again${kept(size)}.`,
    cause: error,
  });
}

function tooSlow(url: string, deadlineMs: number, size: number): ComponentsError {
  return new ComponentsError(`${url} did not come within ${deadlineMs / 1000} s`, {
    hint: `Start again${kept(size)}; or use a nearer mirror (COMPONENTS_MIRROR).`,
  });
}

function kept(size: number): string {
  return size > 0 ? `: it goes on after the ${(size / 1e6).toFixed(1)} MB that are here` : '';
}

/** Node's error for several addresses tried has an empty message and the single errors beside it. */
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
