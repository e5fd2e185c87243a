import { NetError } from '../../errors.ts';
import { isRecord } from '../../lib/is-record.ts';
import { apiError, parseAnswer, statusError, unexpected } from './answers.ts';
import type { HttpRequest, HttpTransport } from './http-kube-client.ts';
import type { WatchEvent, WatchOptions } from './kube-client.ts';
import { collectionPath, listQuery } from './resources.ts';

/** Ten times the size of the largest object that etcd accepts. */
const maximumLine = 16 * 1024 * 1024;

/** The events of a watch, see `KubeClient.watch`. */
export async function* watchCollection(
  transport: HttpTransport,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  options: WatchOptions,
): AsyncGenerator<WatchEvent> {
  const { resourceVersion, allowWatchBookmarks, timeoutSeconds, signal, silenceMs } = options;
  const query = {
    watch: 'true',
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(allowWatchBookmarks === true ? { allowWatchBookmarks: 'true' } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds: String(timeoutSeconds) }),
  };
  const path = collectionPath(apiVersion, kind, options.namespace) + listQuery(options, query);
  const request: HttpRequest = { method: 'GET', path, signal };
  try {
    const { status, chunks } = await transport.stream({ ...request, silenceMs });
    if (status !== 200) throw apiError({ status, body: await refusal(chunks) }, request);
    for await (const line of linesOf(chunks, request)) yield eventOf(line, request);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The beginning of the body of a refused watch, for the error message. */
async function refusal(chunks: AsyncIterable<string>): Promise<string> {
  let body = '';
  for await (const chunk of chunks) {
    body += chunk;
    if (body.length > 65_536) break;
  }
  return body;
}

async function* linesOf(chunks: AsyncIterable<string>, request: HttpRequest): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const [first = '', ...more] = chunk.split('\n');
    rest.push(first);
    length += first.length;
    if (length > maximumLine) {
      const message = `${request.method} ${request.path}: one event of the watch is larger than 16 MiB`;
      throw new NetError(message, 'EMSGSIZE');
    }
    for (const next of more) {
      const line = rest.join('');
      if (line !== '') yield line;
      rest = [next];
      length = next.length;
    }
  }
}

function eventOf(line: string, request: HttpRequest): WatchEvent {
  const event = parseAnswer(line, request);
  if (!isRecord(event) || !isRecord(event.object)) {
    throw unexpected(request, 'a line of the watch is not an event');
  }
  if (event.type === 'ERROR') throw statusError(event.object, request);
  return event as unknown as WatchEvent;
}
