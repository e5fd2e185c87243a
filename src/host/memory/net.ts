import { NetError } from '../../errors.ts';
import type { HttpOptions, HttpResponse, NetReads, NetworkInterface } from '../../host.ts';
import type { WriteGate } from './gate.ts';

export type HttpAnswer =
  | HttpResponse
  | Error
  | ((options: HttpOptions) => HttpResponse | Promise<HttpResponse>);

export interface MemoryNet {
  readonly port: NetReads;
  hostname: string;
  interfaces: readonly NetworkInterface[];
  /** Ports that something listens on. */
  readonly listening: Set<number>;
  /** URLs, without a path, whose connections get no answer. */
  readonly silent: Set<string>;
  /** Names that resolve. */
  readonly names: Map<string, readonly string[]>;
  /** Answers by full URL. Any other URL is refused. */
  readonly answers: Map<string, HttpAnswer>;
  /** Certificates that TLS servers present, as DER, by URL without a path. Any other URL is refused. */
  readonly served: Map<string, Uint8Array | (() => Uint8Array | undefined)>;
  /** Paths of unix sockets that accept connections. */
  readonly sockets: Set<string>;
  /** Requested URLs, in order. */
  readonly requests: readonly string[];
}

export const defaultInterfaces: readonly NetworkInterface[] = [
  { name: 'lo', up: true, loopback: true, pointToPoint: false, addresses: ['127.0.0.1/8', '::1/128'] },
  { name: 'eth0', up: true, loopback: false, pointToPoint: false, addresses: ['10.0.0.5/24', 'fe80::5/64'] },
];

/** @param accepts whether a server in memory takes connections at a URL without a path */
export function createMemoryNet(gate: WriteGate, accepts: (origin: string) => boolean): MemoryNet {
  const requests: string[] = [];
  const net: MemoryNet = {
    hostname: 'node1',
    interfaces: defaultInterfaces,
    listening: new Set(),
    silent: new Set(),
    names: new Map([['localhost', ['127.0.0.1']]]),
    answers: new Map(),
    served: new Map(),
    sockets: new Set(),
    requests,
    port: {
      hostname: async () => net.hostname,
      interfaces: async () => net.interfaces,
      canListen: async (port) => !net.listening.has(port),
      lookup: async (name) => {
        gate.check();
        const addresses = net.names.get(name);
        if (addresses !== undefined) return addresses;
        if (name === net.hostname) return firstAddresses(net.interfaces);
        throw new NetError(`lookup ${name}: no such host`, 'ENOTFOUND');
      },
      get: async (url, options) => {
        gate.check();
        requests.push(url);
        const answer = net.answers.get(url);
        if (answer === undefined)
          throw new NetError(`Get "${url}": connect: connection refused`, 'ECONNREFUSED');
        if (answer instanceof Error) throw answer;
        return typeof answer === 'function' ? await answer(options) : answer;
      },
      servedCertificate: async (url) => {
        gate.check();
        const served = net.served.get(new URL(url).origin);
        const certificate = typeof served === 'function' ? served() : served;
        if (certificate === undefined) throw new NetError(`${url}: connection refused`, 'ECONNREFUSED');
        return certificate;
      },
      tryConnection: async (url) => {
        const { origin, port } = new URL(url);
        if (net.silent.has(origin)) return 'silent';
        const origins = [...net.served.keys(), ...[...net.answers.keys()].map((one) => new URL(one).origin)];
        const isOpen = origins.includes(origin) || net.listening.has(Number(port)) || accepts(origin);
        return isOpen ? 'accepted' : 'refused';
      },
      answersOnSocket: async (path) => net.sockets.has(path),
    },
  };
  return net;
}

function firstAddresses(interfaces: readonly NetworkInterface[]): readonly string[] {
  const used = interfaces.filter(({ loopback, up }) => up && !loopback);
  return used
    .flatMap(({ addresses }) => addresses.slice(0, 1))
    .map((address) => address.replace(/\/.*$/, ''));
}
