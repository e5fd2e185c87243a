import { expect, test } from 'vitest';
import { facts, machine, running } from '../facts.fixture.ts';
import { etcdRejects } from './etcd-rejects.ts';

const line = (error: string): string =>
  `{"level":"warn","ts":"2026-12-01T09:20:02.916599Z","caller":"embed/config_logging.go:194","msg":"rejected connection on client endpoint","remote-addr":"127.0.0.1:58060","server-name":"","error":"${error}"}`;

const time = Date.parse('2026-12-01T09:20:10Z');

function found(lines: readonly string[], isHealthy = false, { elapsedMs = 10_000, now = time } = {}) {
  const components = running.map((one) => (one.name === 'etcd' ? { ...one, runningLog: lines } : one));
  const health = [{ component: 'kube-apiserver', url: '', isHealthy, answers: isHealthy, answer: '' }];
  return etcdRejects.find(
    facts({ components, elapsedMs, machine: machine({ health, now, addresses: ['10.0.0.4'] }) }),
  );
}

test('connections that etcd rejects three times because of TLS are the cause of an API server that is not healthy', () => {
  const plain = line('tls: first record does not look like a TLS handshake');
  expect(found([plain, plain, plain])).toMatchObject([
    {
      certainty: 'certain',
      summary:
        'etcd rejects the connections of kube-apiserver: tls: first record does not look like a TLS handshake (they use http, and etcd expects https)',
    },
  ]);
  expect(found([plain, plain])).toEqual([]);
  expect(found([plain, plain, plain], true)).toEqual([]);
  expect(found([plain, plain, plain], false, { elapsedMs: 3_000 })).toMatchObject([{ certainty: 'likely' }]);
});

test('a certificate that one of the two does not trust is named', () => {
  const unknown = line('tls: failed to verify certificate: x509: certificate signed by unknown authority');
  expect(found([unknown, unknown, unknown])[0]?.summary).toContain('signed by unknown authority');
  const refused = line('remote error: tls: bad certificate');
  expect(found([refused, refused, refused])[0]?.summary).toContain('do not accept the certificate of etcd');
});

test('connections that were cut off prove nothing', () => {
  for (const error of ['EOF', 'read tcp 127.0.0.1:2379->127.0.0.1:58060: i/o timeout']) {
    expect(found([line(error), line(error), line(error)])).toEqual([]);
  }
});

test('connections of other machines, and of other members of etcd, are not those of the API server', () => {
  const plain = line('tls: first record does not look like a TLS handshake');
  const others = [
    plain.replace('127.0.0.1:', '10.0.0.9:'),
    plain.replace('127.0.0.1:', '[fd00::9]:'),
    plain.replace('client endpoint', 'peer endpoint'),
  ];
  for (const other of others) expect(found([other, other, other])).toEqual([]);
  const own = plain.replace('127.0.0.1:', '10.0.0.4:');
  expect(found([own, own, own])).toHaveLength(1);
});

test('connections of which etcd rejects few in 20 s do not end the wait', () => {
  const plain = line('tls: first record does not look like a TLS handshake');
  const lines = [plain, plain, plain];
  expect(found(lines, false, { now: time + 20_000 })).toMatchObject([{ certainty: 'likely' }]);
  expect(found(lines, false, { now: time + 10_000 })).toMatchObject([{ certainty: 'certain' }]);
});
