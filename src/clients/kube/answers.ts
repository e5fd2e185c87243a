/** Parses the answers of an API server, and turns its failures into errors. */
import { KubeApiError, NetError } from '../../errors.ts';
import { isRecord } from '../../lib/is-record.ts';
import { isNestedTooDeeply } from '../../lib/json-depth.ts';
import type { HttpAnswer, HttpRequest } from './http-kube-client.ts';

type Asked = Pick<HttpRequest, 'method' | 'path'>;

/** @throws NetError EPROTO */
export function parseAnswer(body: string, request: Asked): unknown {
  if (isNestedTooDeeply(body)) throw unexpected(request, 'the answer is nested too deeply');
  try {
    return JSON.parse(body);
  } catch (error) {
    throw unexpected(request, `the answer is not JSON: ${body.slice(0, 80)}`, error);
  }
}

export function unexpected({ method, path }: Asked, problem: string, cause?: unknown): NetError {
  return new NetError(`${method} ${path}: ${problem}`, 'EPROTO', { cause });
}

/** The error comes from the Status object, or from the plain text if the server sent no Status. */
export function apiError({ status, body, retryAfterMs }: HttpAnswer, request: Asked): KubeApiError {
  let found: unknown;
  try {
    found = isNestedTooDeeply(body) ? undefined : JSON.parse(body);
  } catch {
    found = undefined;
  }
  const said = isRecord(found) ? found : { message: body.trim().slice(0, 200) };
  return statusError({ code: status, ...said }, request, retryAfterMs);
}

/** A meta/v1 Status as an error; its `code` is the status. */
export function statusError(
  status: Readonly<Record<string, unknown>>,
  { method, path }: Asked,
  retryAfterMs?: number,
): KubeApiError {
  const code = typeof status.code === 'number' ? status.code : 500;
  const reason = typeof status.reason === 'string' ? status.reason : '';
  const message = typeof status.message === 'string' ? status.message : '';
  return new KubeApiError(code, reason, `${method} ${path.split('?')[0]}: ${message} (status ${code})`, {
    ...(retryAfterMs === undefined ? {} : { details: { retryAfterMs } }),
  });
}
