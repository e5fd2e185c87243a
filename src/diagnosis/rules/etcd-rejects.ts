import type { MachineFacts } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { isRecent } from '../logs/etcd-line.ts';
import { healthOf } from './health.ts';

/** A single connection can be cut off at a bad moment. */
const manyLines = 3;
const patienceMs = 4_000;
/** The API server connects again so often. A program that only measures etcd does it more rarely. */
const recentMs = 20_000;

/** Each connection of a client that etcd refuses for a reason that time does not heal. */
const rejected =
  /"msg":"rejected connection(?! on peer)[^"]*".*"error":"((?:tls|x509|remote error): (?:[^"\\\\]|\\\\.)*)"/;

export const etcdRejects: Rule = {
  name: 'etcd-rejects-connections',
  title: 'etcd rejects the connections of its clients',
  proof:
    'The API server is not healthy, and etcd repeats that it rejects connections of this machine because of TLS: a client does not use TLS, or one of the two does not trust the certificate of the other. Three times in 20 s end the wait.',
  cure: 'Correct the addresses and the certificates in the arguments of etcd or of the API server.',
  find: ({ components = [], elapsedMs, machine }) => {
    const server = healthOf({ machine }, 'kube-apiserver');
    const log = components.find(({ name }) => name === 'etcd')?.runningLog ?? [];
    const lines = log.filter((line) => rejected.test(line) && isFromHere(line, machine));
    const last = lines.at(-1) ?? '';
    const why = rejected.exec(last)?.[1];
    if (server?.isHealthy !== false || why === undefined) return [];
    const same = lines.filter((line) => rejected.exec(line)?.[1] === why);
    if (same.length < manyLines) return [];
    const isFrequent =
      same.filter((line) => isRecent(line, { now: machine?.now ?? 0, withinMs: recentMs })).length >=
      manyLines;
    const hint = why.includes('does not look like a TLS handshake')
      ? ' (they use http, and etcd expects https)'
      : why.includes('remote error')
        ? ' (they do not accept the certificate of etcd)'
        : '';
    return [
      {
        code: 'etcd',
        component: 'etcd',
        certainty: elapsedMs >= patienceMs && isFrequent ? 'certain' : 'likely',
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

/** Another machine can be a member of etcd, or measure it. */
function isFromHere(line: string, machine: MachineFacts | undefined): boolean {
  const address = /"remote-addr":"\[?([^"\]]+?)\]?:\d+"/.exec(line)?.[1] ?? '';
  return /^127\.|^::1$/.test(address) || machine?.addresses?.includes(address) === true;
}
