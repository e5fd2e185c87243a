import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { externalEtcdClientCertificates } from './external-etcd-client-certificates.ts';

const etcd = {
  endpoints: [],
  httpEndpoints: [],
  caFile: '/e/ca.crt',
  certFile: '',
  keyFile: '/e/client.key',
};

test('the check ExternalEtcdClientCertificates is one check for each file that is set, all of one name', async () => {
  const checks = externalEtcdClientCertificates(etcd);
  expect(checks.map(({ name }) => name)).toEqual([
    'ExternalEtcdClientCertificates',
    'ExternalEtcdClientCertificates',
  ]);
  const verdicts = await Promise.all(checks.map((check) => verdict(check, { files: { '/e/ca.crt': '' } })));
  expect(verdicts).toEqual([clean, { warnings: [], errors: ["/e/client.key doesn't exist"] }]);
});
