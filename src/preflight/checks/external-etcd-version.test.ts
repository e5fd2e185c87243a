import { describe, expect, test } from 'vitest';
import { NetError } from '../../errors.ts';
import { createMemoryHost } from '../../host/memory/index.ts';
import type { HttpAnswer } from '../../host/memory/net.ts';
import { clean, verdict } from '../verdict.fixture.ts';
import { externalEtcdVersion } from './external-etcd-version.ts';

const none = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
const one = { ...none, httpEndpoints: ['https://10.0.0.9:2379/'] };
const url = 'https://10.0.0.9:2379/version';
const check = externalEtcdVersion(one, '3.5.24-0');
const answer = (version: string): HttpAnswer => ({
  status: 200,
  body: JSON.stringify({ etcdserver: version, etcdcluster: '3.6.0' }),
});

describe('ExternalEtcdVersion', () => {
  test.each(['3.5.24', '3.6.8', '3.5.24-0'])('takes %s', async (version) => {
    expect(check.name).toBe('ExternalEtcdVersion');
    expect(await verdict(check, { http: { [url]: answer(version) } })).toEqual(clean);
  });

  test('refuses an old one, and what tells no version', async () => {
    const old = await verdict(check, { http: { [url]: answer('3.5.23') } });
    expect(old.errors).toEqual([
      expect.stringMatching(/10\.0\.0\.9.* version 3\.5\.23.* 3\.5\.24-0 or newer/),
    ]);
    for (const body of ['{}', 'null', '<html>', '{"etcdserver":"new"}']) {
      const { errors } = await verdict(check, { http: { [url]: { status: 404, body } } });
      expect(errors).toHaveLength(1);
    }
  });

  test('asks again three times, 5 s apart, for 5xx and for no answer', async () => {
    let asked = 0;
    const slow: HttpAnswer = () => {
      asked += 1;
      return asked < 4 ? { status: 503, body: '' } : { status: 200, body: '{"etcdserver":"3.6.8"}' };
    };
    const host = createMemoryHost({ http: { [url]: slow } });
    expect(await check.check(host)).toEqual(clean);
    expect(host.clock.monotonic()).toBe(15_000);
    const silent = createMemoryHost();
    expect((await check.check(silent)).errors).toEqual([expect.stringContaining('connection refused')]);
    expect(silent.machine.requests).toEqual([url, url, url, url]);
  });

  test('names each endpoint that fails, in order', async () => {
    const two = externalEtcdVersion(
      {
        ...none,
        httpEndpoints: ['http://a:2379', 'nonsense', 'http://b:2379'],
      },
      '3.5.24-0',
    );
    const { errors } = await verdict(two, {
      http: { 'http://a:2379/version': answer('3.4.0'), 'http://b:2379/version': answer('3.6.8') },
    });
    expect(errors).toEqual([expect.stringContaining('http://a:2379'), expect.stringContaining('"nonsense"')]);
  });

  test('an endpoint whose certificate another CA has signed fails as one that is down, and hides no other', async () => {
    const urls = ['https://a:2379', 'https://b:2379', 'https://c:2379'];
    const untrusted: HttpAnswer = () => {
      throw new NetError('signed by another CA', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    };
    const { errors } = await verdict(externalEtcdVersion({ ...none, httpEndpoints: urls }, '3.5.24-0'), {
      http: {
        'https://a:2379/version': untrusted,
        'https://b:2379/version': answer('3.6.8'),
        'https://c:2379/version': answer('3.4.0'),
      },
    });
    expect(errors).toEqual([
      expect.stringMatching(/https:\/\/a:2379 could not be read: signed by another CA/),
      expect.stringMatching(/https:\/\/c:2379 has version 3\.4\.0/),
    ]);
  });

  test('shows the certificates that the configuration names', async () => {
    const tls = { ...one, caFile: '/e/ca.crt', certFile: '/e/c.crt', keyFile: '/e/c.key' };
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n';
    const files = { '/e/ca.crt': certificate, '/e/c.crt': certificate, '/e/c.key': key };
    let seen: unknown;
    const http: Record<string, HttpAnswer> = {
      [url]: (options) => {
        seen = { ca: options.ca, client: options.clientCertificate };
        return { status: 200, body: '{"etcdserver":"3.6.8"}' };
      },
    };
    expect(await verdict(externalEtcdVersion(tls, '3.5.24-0'), { files, http })).toEqual(clean);
    expect(seen).toEqual({ ca: certificate, client: { cert: certificate, key } });
    const broken = await verdict(externalEtcdVersion(tls, '3.5.24-0'), {
      files: { ...files, '/e/c.key': certificate },
      http,
    });
    expect(broken.errors).toEqual([expect.stringContaining('etcd.external.keyFile')]);
    const missing = await verdict(externalEtcdVersion(tls, '3.5.24-0'), { files: {}, http });
    expect(missing.errors).toEqual([expect.stringContaining('etcd.external.caFile')]);
  });

  test('asks nothing without HTTP endpoints', async () => {
    expect(await verdict(externalEtcdVersion(none, '3.5.24-0'))).toEqual(clean);
  });
});
