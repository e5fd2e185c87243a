/** The proxies of the programs that send requests to the API server. */
import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { serverOf } from '../../lib/host-port.ts';
import { type Environment, proxyFor } from '../../lib/proxy.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import type { EndpointFacts } from '../facts.ts';
import type { ProxyFacts } from '../setup-facts.ts';
import { runtimeService } from './runtime.ts';
import { unitEnvironment } from './unit-environment.ts';

const timeoutMs = 2_000;
const variables = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
/** The static Pods that are clients of the API server. */
const clients = ['kube-controller-manager', 'kube-scheduler'];

type ProxyHost = Pick<ReadHost, 'files' | 'exec' | 'net' | 'system'>;

export interface ProxyQuestion {
  readonly criSocket: string;
  /** Undefined if this machine has none. */
  readonly endpoint: Pick<EndpointFacts, 'server' | 'error' | 'lookupError'> | undefined;
}

/** A program without a proxy, or whose environment cannot be read, has no facts. */
export async function gatherProxies(
  host: ProxyHost,
  { criSocket, endpoint }: ProxyQuestion,
): Promise<readonly ProxyFacts[]> {
  const runtime = runtimeService(criSocket);
  const units = ['kubelet', ...(runtime === undefined ? [] : [runtime])];
  const found = await Promise.all([
    own(host, endpoint),
    ...units.map(async (unit) => factsOf(unit, await unitEnvironment(host, unit, variables))),
    ...clients.map(async (name) => factsOf(name, await environmentOfPod(host, name))),
  ]);
  return found.filter((one) => one !== undefined);
}

function factsOf(program: string, environment: Environment | undefined): ProxyFacts | undefined {
  if (environment === undefined) return undefined;
  const { NO_PROXY, no_proxy, ...rest } = environment;
  // No server has this name, so the proxy does not depend on it.
  const proxy = proxyFor({ scheme: 'https', host: 'any.invalid', port: 443 }, rest);
  if (proxy === undefined) return undefined;
  return { program, proxy: proxy.replace(/:\/\/.*@/s, '://'), noProxy: NO_PROXY || no_proxy || '' };
}

async function environmentOfPod(host: ProxyHost, component: string): Promise<Environment | undefined> {
  const manifest = await readManifest(host, component).catch(() => undefined);
  return manifest === undefined ? undefined : Object.fromEntries(manifest.environment);
}

/** Asks the endpoint through the proxy of kubeadm, if there is one for it and the endpoint answers without it. */
async function own(
  { net, system }: ProxyHost,
  endpoint: ProxyQuestion['endpoint'],
): Promise<ProxyFacts | undefined> {
  const environment = system.environment();
  const facts = factsOf('kubeadm', environment);
  if (facts === undefined || endpoint === undefined) return facts;
  if (endpoint.error !== undefined || endpoint.lookupError !== undefined) return facts;
  const server = serverOf(endpoint.server);
  if (proxyFor({ scheme: 'https', ...server }, environment) === undefined) return facts;
  const error = await net
    .get(`${endpoint.server}/livez`, { timeoutMs, ca: false, useProxy: true })
    .then(() => undefined, messageOf);
  return error === undefined ? facts : { ...facts, error };
}
