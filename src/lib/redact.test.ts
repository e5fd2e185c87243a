import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { redact } from './redact.ts';

const hex64 = '0123456789abcdef'.repeat(4);
const word = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
    minLength: length,
    maxLength: length,
  });
/** Text that cannot belong to the token. */
const before = fc.string({ maxLength: 8 }).map((text) => text.replace(/[a-z0-9]+$/, ''));
const after = fc.string({ maxLength: 8 }).map((text) => text.replace(/^[a-z0-9]+/, ''));

describe('redact', () => {
  test.each([
    ['token abcdef.0123456789abcdef refused', 'token abcdef.<secret> refused'],
    ['Using token: abcdef.0123456789abcdef.', 'Using token: abcdef.<secret>.'],
    ['Authorization: Bearer abcDEF123.456-789', 'Authorization: Bearer <secret>'],
    ['authorization: basic aaaaaaaaaaaa', 'authorization: basic <secret>'],
    ['headers=map[Authorization:[Bearer abcdefghijkl]]', 'headers=map[Authorization:[Bearer <secret>]]'],
    ['{"Authorization":["Bearer abcdefghijkl"]}', '{"Authorization":["Bearer <secret>"]}'],
    ['curl with Bearer abcDEF123.456-789', 'curl with Bearer <secret>'],
    ['jwt eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln end', 'jwt <secret> end'],
    ['--token=s3cr3t-value --v=2', '--token=<secret> --v=2'],
    ['access_token=opaque&x=1', 'access_token=<secret>&x=1'],
    ['{"password":"hunter22","user":"me"}', '{"password":"<secret>","user":"me"}'],
    ['err="{\\"password\\":\\"hunter22\\"}"', 'err="{\\"password\\":\\"<secret>\\"}"'],
    ['&Auth{Username:me Password:hunter22}', '&Auth{Username:me Password:<secret>'],
    ['password: hunter22', 'password: <secret>'],
    ['GET https://me:hunter22@registry.example/v2/', 'GET https://me:<secret>@registry.example/v2/'],
    [`join --certificate-key ${hex64} \\`, 'join --certificate-key <secret> \\'],
    [`certificateKey: ${hex64}`, 'certificateKey: <secret>'],
    ['    client-key-data: LS0tLS1CRUdJTg==', '    client-key-data: <secret>'],
    ['{"client-key-data":"LS0tLS1CRUdJTg=="}', '{"client-key-data":"<secret>"}'],
    [`key ${'Ab0/'.repeat(20)}==`, 'key <secret>'],
    [`both ${'ab'.repeat(32)}/${'Ab0'.repeat(8)}`, 'both <secret>'],
    [`url-safe ${'Ab0_-'.repeat(16)}`, 'url-safe <secret>'],
  ])('hides what is secret: %s', (line, shown) => {
    expect(redact(line)).toBe(shown);
  });

  test.each([
    'Error: unknown flag: --nonsense',
    `failed to start sandbox "${hex64}": no`,
    `open /run/containerd/k8s.io/${hex64}/log.json: no such file`,
    'open /etc/kubernetes/pki/etcd/healthcheck-client.key: no such file or directory',
    '/usr/local/share/kubernetes/some-folder/another-folder/a-third-folder/and-more/file2',
    'https://10.88.0.10:6443/api/v1/nodes?timeout=10s',
    `node-1.example.com etcd:3.6.8-0 v1.36.2 registry.k8s.io/pause@sha256:${hex64} abcdef.example`,
    `/var/log/pods/kube-system_etcd-cp_${hex64.slice(32)}/etcd/0.log`,
    'uid 0b7fdd2c-5f0a-4d6e-9c54-7b1f0f5f3c21',
    `kubeadm join 10.0.0.1:6443 --discovery-token-ca-cert-hash sha256:${hex64} --token-ttl=24h0m0s`,
    'it needs basic authentication or a bearer certificate; Basic Authentication is off',
    'failed to get the secret: forbidden; no token: unauthorized',
    '--enable-bootstrap-token-auth=true --token-auth-file=/etc/tokens.csv BoundServiceAccountToken=true',
    'volumes:\n- secret:\n    secretName: bootstrap1\n',
    'give --certificate-key to the command `kubeadm join`',
    `certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3SUJBZ0lJ${'Ab0/'.repeat(9)}==`,
    '-----BEGIN CERTIFICATE-----\nMIIDBTCC\n-----END CERTIFICATE-----\n',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  ])('leaves what is needed: %s', (line) => {
    expect(redact(line)).toBe(line);
  });

  test('takes linear time for a long text of possible URL schemes', () => {
    const start = performance.now();
    redact('a.'.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test.each(['http', 'git+ssh', '1http', 'x.y-z'])(
    'hides the password of a URL with the scheme %s',
    (scheme) => {
      expect(redact(`(${scheme}://me:pw@host/`)).toBe(`(${scheme}://me:<secret>@host/`);
    },
  );

  test('hides every bootstrap token, whatever text surrounds it', () => {
    fc.assert(
      fc.property(word(6), word(16), before, after, (id, secret, start, end) => {
        expect(redact(`${start}${id}.${secret}${end}`)).not.toContain(secret);
      }),
    );
  });

  test.each(['.', '-', '_', '. And', '.\n', '"', ')'])('keeps an id that "%s" follows', (end) => {
    expect(redact(`(-abcdef.0123456789abcdef${end}`)).toBe(`(-abcdef.<secret>${end}`);
  });

  test.each(['\\n', '\\t', '%20', '%3D'])('hides a token after the escape %s', (start) => {
    expect(redact(`a${start}abcdef.0123456789abcdef\\n`)).toBe(`a${start}abcdef.<secret>\\n`);
  });

  test('hides all credentials in headers', () => {
    const credentials = fc.string({
      unit: fc.constantFrom(...'abcXYZ0189-._~+/='),
      minLength: 16,
      maxLength: 80,
    });
    const scheme = fc.constantFrom('Bearer', 'bearer', 'Basic');
    const header = fc.constantFrom(
      'Authorization: ',
      'authorization=',
      '"Authorization":"',
      'Authorization:[',
    );
    fc.assert(
      fc.property(header, scheme, credentials, after, (name, kind, secret, end) => {
        expect(redact(`${name}${kind} ${secret}${end}`)).not.toContain(secret);
      }),
    );
  });

  test('hides private keys, even one without an end', () => {
    const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nZm9v\n-----END RSA PRIVATE KEY-----\n';
    expect(redact(`a ${pem}b`)).toBe('a <secret>\nb');
    expect(redact(`a ${JSON.stringify(pem)} b`)).toBe('a "<secret>\\n" b');
    expect(redact(`a ${pem.slice(0, 45)}`)).toBe('a <secret>');
  });

  test('changes nothing when it is applied twice', () => {
    const pieces = fc.constantFrom(
      ...['token', ': ', '=', '"', '<secret>', 'abcdef.0123456789abcdef', 'Bearer ', 'https://a:b@c', ' '],
      ...['--certificate-key ', hex64, 'Ab0/'.repeat(15), 'client-key-data: ', '1', '-', '.', ':', '@', '//'],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 }))), (parts) => {
        const once = redact(parts.join(''));
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });
});
