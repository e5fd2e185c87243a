import { NetError } from '../../../errors.ts';
import type { ExecReads, NetReads } from '../../../host.ts';

export function createNet(exec: ExecReads): NetReads {
  return {
    hostname: async () => (await import('node:os')).hostname(),
    interfaces: async () => await (await import('./interfaces.ts')).interfaces(exec),
    // Sockets and TLS are slow to load, and most commands do not use the network.
    canListen: async (port) => await (await import('./sockets.ts')).canListen(port),
    lookup: async (name) => {
      const { lookup } = await import('node:dns/promises');
      try {
        return (await lookup(name, { all: true })).map(({ address }) => address);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'ENOTFOUND';
        throw new NetError(`the name ${name} cannot be resolved: ${code}`, code, { cause: error });
      }
    },
    get: async (url, options) => await (await import('./http.ts')).httpGet(url, options),
    servedCertificate: async (url, options) =>
      await (await import('./served-certificate.ts')).servedCertificate(url, options),
    tryConnection: async (url, timeoutMs) =>
      await (await import('./sockets.ts')).tryConnection(url, timeoutMs),
    answersOnSocket: async (path) => await (await import('./sockets.ts')).answersOnSocket(path),
  };
}
