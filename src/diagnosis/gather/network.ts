/** Addresses, loopback, and the server of the kubelet's kubeconfig. */
import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { currentClusterOf } from '../../kubeconfig/current.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { serverOf } from '../../lib/host-port.ts';
import { parseIPSloppy } from '../../lib/ip.ts';
import { bootstrapKubeletConf, kubeletConf, kubernetesDir } from '../../names.ts';
import type { EndpointFacts, MachineFacts } from '../facts.ts';
import { hasRoute } from './routes.ts';

const timeoutMs = 2_000;
const lateAnswer = `no name server answered within ${timeoutMs / 1000} s`;

type NetHost = Pick<ReadHost, 'net' | 'files' | 'clock' | 'exec'>;

export async function gatherAddresses({
  net,
}: NetHost): Promise<Pick<MachineFacts, 'loopback' | 'addresses'>> {
  const interfaces = await net.interfaces();
  const addresses = interfaces.flatMap((one) => one.addresses.map((address) => address.replace(/\/.*$/, '')));
  const loopback = interfaces.find((one) => one.loopback);
  // If the interfaces cannot be listed, the loopback interface may exist.
  if (interfaces.length === 0) return {};
  return {
    addresses,
    loopback: {
      up: loopback?.up ?? false,
      hasAddress: loopback?.addresses.some((address) => /^127\.|^::1\//.test(address)) ?? false,
    },
  };
}

/** Undefined if this machine has no kubeconfig of a kubelet. */
export async function gatherEndpoint(host: NetHost): Promise<Omit<EndpointFacts, 'failingMs'> | undefined> {
  const server = (await serverIn(host, kubeletConf)) ?? (await serverIn(host, bootstrapKubeletConf));
  if (server === undefined || !URL.canParse(server)) return undefined;
  const { host: name } = serverOf(server);
  // Facts are shown, so they have no password.
  const shown = server.replace(/\/\/[^/?#]*@/, '//');
  const found = await addressesOf(host, name);
  if (typeof found === 'string') {
    return {
      server: shown,
      host: name,
      lookupError: found,
      ...(found === lateAnswer ? { isLookupLate: true } : {}),
    };
  }
  const facts = { server: shown, host: name, addresses: found };
  const { aheadSeconds, error } = await ask(host, `${shown}/livez`);
  const clock = aheadSeconds === undefined ? {} : { aheadSeconds };
  if (error === undefined) return { ...facts, ...clock };
  const route = await hasRoute(host, found);
  return { ...facts, ...clock, error, ...(route === undefined ? {} : { hasRoute: route }) };
}

async function ask(
  { clock, net }: NetHost,
  url: string,
): Promise<Pick<EndpointFacts, 'error' | 'aheadSeconds'>> {
  const begin = clock.now();
  let ahead: number | undefined;
  const onDate = (date: Date): void => {
    ahead = aheadMs(date, { begin, end: clock.now() });
  };
  const error = await net.get(url, { timeoutMs, ca: false, onDate }).then(() => undefined, messageOf);
  return {
    ...(ahead === undefined ? {} : { aheadSeconds: Math.round(ahead / 1000) }),
    ...(error === undefined ? {} : { error }),
  };
}

/** The server wrote its time, which has whole seconds, at any time between the begin and the end of the request. */
function aheadMs(date: Date, { begin, end }: { readonly begin: Date; readonly end: Date }): number {
  if (date > end) return date.getTime() - end.getTime();
  return Math.min(0, date.getTime() + 1000 - begin.getTime());
}

/** Returns a text with the reason if the name does not resolve. */
async function addressesOf(host: NetHost, name: string): Promise<readonly string[] | string> {
  if (parseIPSloppy(name) !== undefined) return [name];
  return await withinTime(host, host.net.lookup(name)).catch(messageOf);
}

async function serverIn(host: NetHost, file: string): Promise<string | undefined> {
  try {
    return currentClusterOf(await loadKubeconfig(host, `${kubernetesDir}/${file}`)).server;
  } catch {
    return undefined;
  }
}

/** The system's resolver has its own, longer limits. */
async function withinTime<T>({ clock }: NetHost, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(timeoutMs, done.signal).then(() => {
    throw new Error(lateAnswer);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
}
