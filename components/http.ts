/** Makes one GET over https, through the environment's proxies, and follows redirects. download.ts makes files of it. */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

import { ComponentsError } from './errors.ts';

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** The time without a byte after which the request fails. */
  readonly stallMs: number;
  /** The trusted authorities in PEM. Defaults to Node's and those of NODE_EXTRA_CA_CERTS. */
  readonly authorities?: string | undefined;
  /** The environment with HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in small letters too. Defaults to that of this process. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

const redirects = [301, 302, 303, 307, 308];
const maximumRedirects = 5;

/**
 * Returns the first answer that is not a redirect, whatever its status. The caller must read or destroy its body.
 * @throws ComponentsError if another try cannot succeed (an address or redirect that is not https); else Node's error
 * of the connection.
 */
export async function get(url: string, options: GetOptions): Promise<IncomingMessage> {
  let target = url;
  for (let hops = 0; hops <= maximumRedirects; hops += 1) {
    const response = await getOnce(target, options);
    const { statusCode = 0, headers } = response;
    if (!redirects.includes(statusCode) || headers.location === undefined) return response;
    response.destroy();
    target = new URL(headers.location, target).href;
  }
  throw new ComponentsError(`${url}: more than ${maximumRedirects} redirects`, {
    hint: 'Check the server: it may be a portal that asks for a login, or a mirror with a wrong configuration.',
  });
}

function getOnce(url: string, options: GetOptions): Promise<IncomingMessage> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    throw new ComponentsError(`${url}: only https is used`, { hint: 'Give an https:// address.' });
  }
  const { headers, signal, stallMs, authorities, environment = process.env } = options;
  const proxies = { proxyEnv: environment };
  const agent =
    protocol === 'https:'
      ? new https.Agent({ ...proxies, ...(authorities === undefined ? {} : { ca: authorities }) })
      : new http.Agent(proxies);
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? https : http).get(
      url,
      {
        agent,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'kubeadm-ts components', ...headers },
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    // The limit covers the whole connecting, with the proxy's tunnel. The timeout of a socket begins only with the socket.
    const waiting = setTimeout(() => request.destroy(stalled(stallMs)), stallMs);
    request.once('response', (response) => {
      clearTimeout(waiting);
      response.setTimeout(stallMs, () => response.destroy(stalled(stallMs)));
    });
    request.once('error', (error) => {
      clearTimeout(waiting);
      reject(error);
    });
  });
}

function isLoopback(hostname: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

function stalled(milliseconds: number): Error {
  return new Error(`the server sent nothing for ${milliseconds / 1000} s`);
}
