import type { Rule } from '../finding.ts';

/** A single connection can be cut off at a bad moment. */
const manyLines = 3;
const patienceMs = 4_000;

/** Each connection to etcd that it refuses for a reason that time does not heal. */
const rejected =
  /"msg":"rejected connection[^"]*".*"error":"((?:tls|x509|remote error): (?:[^"\\\\]|\\\\.)*)"/;

export const etcdRejects: Rule = {
  name: 'etcd-rejects-connections',
  title: 'etcd rejects the connections of its clients',
  proof:
    'The API server is not healthy, and etcd repeats that it rejects connections because of TLS: a client does not use TLS, or one of the two does not trust the certificate of the other.',
  cure: 'Correct the addresses and the certificates in the arguments of etcd or of the API server.',
  find: ({ components = [], elapsedMs, machine }) => {
    const server = machine?.health.find(({ component }) => component === 'kube-apiserver');
    const log = components.find(({ name }) => name === 'etcd')?.runningLog ?? [];
    const lines = log.filter((line) => rejected.test(line));
    const last = lines.at(-1) ?? '';
    const why = rejected.exec(last)?.[1];
    if (server?.isHealthy !== false || why === undefined) return [];
    const same = lines.filter((line) => rejected.exec(line)?.[1] === why);
    if (same.length < manyLines) return [];
    const hint = why.includes('does not look like a TLS handshake')
      ? ' (they use http, and etcd expects https)'
      : why.includes('remote error')
        ? ' (they do not accept the certificate of etcd)'
        : '';
    return [
      {
        code: 'etcd',
        component: 'etcd',
        certainty: elapsedMs >= patienceMs ? 'certain' : 'likely',
        summary: `etcd rejects the connections of kube-apiserver: ${why}${hint}`,
        evidence: [last.slice(0, 300)],
        remedy: {
          kind: 'steps',
          text: 'Correct etcd-servers, etcd-cafile, etcd-certfile and etcd-keyfile of kube-apiserver, or the certificates and the trusted-ca-file of etcd',
          commands: [],
        },
      },
    ];
  },
};
